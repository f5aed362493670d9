// Numbering the versions, and who wrote each.
#include "checker/txn/register_versions.h"

#include <numeric>

#include "checker/txn/value_table.h"

namespace squall {
namespace {

// Holds what the passes over a key need, so that they go through memory in order.
struct Touch {
  std::uint32_t op;
  TxnIndex txn;
  std::uint32_t value;  // a TxnValue, then the VersionId
  bool is_write;
};

class Numbering {
 public:
  explicit Numbering(const Transactions& txns) : txns_(txns) {}

  RegisterVersions run() {
    found_.of_op.assign(txns_.ops.size(), kNoVersion);
    found_.is_node.assign(txns_.size(), 0);
    for (TxnIndex txn = 0; txn < txns_.size(); ++txn) {
      found_.is_node[txn] = txns_.outcome[txn] == Outcome::kOk ? 1 : 0;
    }
    sort_by_key();
    for (TxnKey key = 0; key < txns_.names.keys(); ++key) number(key);
    found_.start.push_back(static_cast<std::uint32_t>(found_.value.size()));
    return std::move(found_);
  }

 private:
  static bool is_register(MicroOp op) {
    return op.kind() == MicroKind::kWrite ||
           (op.kind() == MicroKind::kRead && op.value != kTxnUnseen);
  }

  void sort_by_key() {
    start_.assign(txns_.names.keys() + 1, 0);
    for (const MicroOp& op : txns_.ops) {
      if (is_register(op)) ++start_[op.key() + 1];
    }
    std::partial_sum(start_.begin(), start_.end(), start_.begin());
    touches_.resize(start_.back());
    std::vector<std::uint32_t> next(start_.begin(), start_.end() - 1);
    for (TxnIndex txn = 0; txn < txns_.size(); ++txn) {
      for (std::uint32_t i = txns_.first[txn]; i < txns_.first[txn] + txns_.count[txn]; ++i) {
        const MicroOp op = txns_.ops[i];
        if (!is_register(op)) continue;
        touches_[next[op.key()]++] = {i, txn, op.value, op.kind() == MicroKind::kWrite};
      }
    }
  }

  VersionId add(TxnValue value) {
    found_.value.push_back(value);
    found_.writer.push_back(kNobody);
    found_.is_intermediate.push_back(0);
    return static_cast<VersionId>(found_.value.size() - 1);
  }

  void number(TxnKey key) {
    found_.start.push_back(static_cast<std::uint32_t>(found_.value.size()));
    table_.clear(start_[key + 1] - start_[key] + 1);
    table_.insert(kTxnNil, add(kTxnNil));
    for (std::uint32_t i = start_[key]; i < start_[key + 1]; ++i) {
      const VersionId next = static_cast<VersionId>(found_.value.size());
      const TxnValue value = touches_[i].value;
      touches_[i].value = table_.insert(value, next);
      if (touches_[i].value == next) add(value);
      found_.of_op[touches_[i].op] = touches_[i].value;
    }
    for (std::uint32_t i = start_[key]; i < start_[key + 1]; ++i) write(key, i);
    for (std::uint32_t i = start_[key]; i < start_[key + 1]; ++i) saw(touches_[i]);
  }

  void write(TxnKey key, std::uint32_t index) {
    const Touch touch = touches_[index];
    if (!touch.is_write) return;
    const VersionId version = touch.value;
    TxnIndex& writer = found_.writer[version];
    if (writer != kNobody && writer != touch.txn) {
      ambiguous(key, version, touch.txn);
      if (txns_.outcome[touch.txn] == Outcome::kFail) return;
    }
    writer = touch.txn;
    bool has_more = false;
    for (std::uint32_t i = index + 1; i < start_[key + 1] && touches_[i].txn == touch.txn; ++i) {
      has_more |= touches_[i].is_write && touches_[i].value != version;
    }
    found_.is_intermediate[version] = has_more ? 1 : 0;
  }

  void ambiguous(TxnKey key, VersionId version, TxnIndex second) {
    if (found_.ambiguous++ > 0) return;
    found_.ambiguous_example = txn_name(txns_, found_.writer[version]) + " and " +
                               txn_name(txns_, second) + " both wrote " +
                               txns_.names.value_name(found_.value[version]) + " to " +
                               txns_.names.key_name(key);
  }

  // Whose write was seen by a transaction that took effect took effect itself.
  void saw(Touch touch) {
    if (touch.is_write || txns_.outcome[touch.txn] != Outcome::kOk) return;
    const TxnIndex writer = found_.writer[touch.value];
    if (writer == kNobody) {
      found_.unwritten += found_.value[touch.value] == kTxnNil ? 0U : 1U;
    } else if (txns_.outcome[writer] == Outcome::kInfo) {
      found_.is_node[writer] = 2;
    }
  }

  const Transactions& txns_;
  RegisterVersions found_;
  ValueTable table_;
  std::vector<std::uint32_t> start_;  // by key, in touches_
  std::vector<Touch> touches_;
};

}  // namespace

RegisterVersions register_versions(const Transactions& txns) {
  return Numbering(txns).run();
}

}  // namespace squall
