// One pass over the appends, key by key.
#include "checker/txn/list_versions.h"

#include <algorithm>
#include <numeric>

#include "checker/txn/value_table.h"

namespace squall {
namespace {

struct Append {
  std::uint32_t op;
  TxnIndex txn;
};

class Analysis {
 public:
  Analysis(const Transactions& txns, Anomalies& anomalies) : txns_(txns), anomalies_(anomalies) {}

  ListVersions run() {
    const std::size_t keys = txns_.names.keys();
    found_.writer.assign(txns_.versions.size(), kNobody);
    found_.is_intermediate.assign(txns_.versions.size(), 0);
    found_.position.assign(txns_.ops.size(), kUnobserved);
    found_.is_node.assign(txns_.size(), 0);
    found_.first_aborted.assign(keys, kUnobserved);
    found_.first_unwritten.assign(keys, kUnobserved);
    for (TxnIndex txn = 0; txn < txns_.size(); ++txn) {
      found_.is_node[txn] = txns_.outcome[txn] == Outcome::kOk ? 1 : 0;
    }
    sort_by_key();
    found_.unseen_start.push_back(0);
    for (TxnKey key = 0; key < keys; ++key) look_at(key);
    return std::move(found_);
  }

 private:
  void sort_by_key() {
    start_.assign(txns_.names.keys() + 1, 0);
    for (const MicroOp& op : txns_.ops) {
      if (op.kind() == MicroKind::kAppend) ++start_[op.key() + 1];
    }
    std::partial_sum(start_.begin(), start_.end(), start_.begin());
    appends_.resize(start_.back());
    std::vector<std::uint32_t> next(start_.begin(), start_.end() - 1);
    for (TxnIndex txn = 0; txn < txns_.size(); ++txn) {
      for (std::uint32_t i = txns_.first[txn]; i < txns_.first[txn] + txns_.count[txn]; ++i) {
        const MicroOp op = txns_.ops[i];
        if (op.kind() == MicroKind::kAppend) appends_[next[op.key()]++] = {i, txn};
      }
    }
  }

  void look_at(TxnKey key) {
    const auto list = txns_.longest(key);
    table_.clear(list.size());
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      const std::uint32_t first = table_.insert(list[i], i);
      if (first != i) duplicate(key, list[i]);
    }
    for (std::uint32_t i = start_[key]; i < start_[key + 1]; ++i) take(key, i);
    finish(key);
    found_.unseen_start.push_back(static_cast<std::uint32_t>(found_.unseen.size()));
  }

  void take(TxnKey key, std::uint32_t index) {
    const Append append = appends_[index];
    const TxnValue value = txns_.ops[append.op].value;
    const std::uint32_t position = table_.find(value);
    if (position == ValueTable::kNone) {
      const bool is_again =
          found_.unseen.size() > found_.unseen_start.back() && found_.unseen.back() == append.txn;
      if (found_.is_node[append.txn] == 1 && !is_again) found_.unseen.push_back(append.txn);
      return;
    }
    const std::uint32_t place = txns_.version_start[key] + position;
    found_.position[append.op] = position;
    if (found_.writer[place] != kNobody) {
      ambiguous(key, value, found_.writer[place], append.txn);
      // A retry of what aborted is no second writer if only one of them took effect.
      if (txns_.outcome[append.txn] == Outcome::kFail) return;
    }
    found_.writer[place] = append.txn;
    const bool has_more = index + 1 < start_[key + 1] && appends_[index + 1].txn == append.txn;
    found_.is_intermediate[place] = has_more ? 1 : 0;
  }

  void ambiguous(TxnKey key, TxnValue value, TxnIndex first, TxnIndex second) {
    if (found_.ambiguous++ > 0) return;
    found_.ambiguous_example = txn_name(txns_, first) + " and " + txn_name(txns_, second) +
                               " both appended " + txns_.names.value_name(value) + " to " +
                               txns_.names.key_name(key);
  }

  void duplicate(TxnKey key, TxnValue value) {
    anomalies_.add("duplicate-elements", [&] {
      return Anomaly{{},
                     0,
                     {},
                     txns_.names.key_name(key) + " holds " + txns_.names.value_name(value) +
                         " twice: " + list_text(txns_, txns_.longest(key))};
    });
  }

  // Elements of aborted transactions and of nobody; who was seen took effect.
  void finish(TxnKey key) {
    const auto list = txns_.longest(key);
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      const TxnIndex writer = found_.writer[txns_.version_start[key] + i];
      if (writer == kNobody) {
        // The second of duplicates has its writer at the first.
        const bool is_duplicate = table_.find(list[i]) != i;
        if (!is_duplicate) found_.first_unwritten[key] = std::min(found_.first_unwritten[key], i);
        continue;
      }
      if (txns_.outcome[writer] == Outcome::kFail) {
        found_.first_aborted[key] = std::min(found_.first_aborted[key], i);
        dirty_update(key, i);
      } else if (txns_.outcome[writer] == Outcome::kInfo) {
        found_.is_node[writer] = 2;
      }
    }
  }

  void dirty_update(TxnKey key, std::uint32_t position) {
    const auto list = txns_.longest(key);
    for (std::uint32_t i = position + 1; i < list.size(); ++i) {
      const TxnIndex next = found_.writer[txns_.version_start[key] + i];
      if (next == kNobody || txns_.outcome[next] == Outcome::kFail) continue;
      anomalies_.add("dirty-update", [&] {
        const TxnIndex aborted = found_.writer[txns_.version_start[key] + position];
        return Anomaly{{},
                       0,
                       {aborted, next},
                       txn_name(txns_, next) + " appended " + txns_.names.value_name(list[i]) +
                           " to " + txns_.names.key_name(key) + " on top of " +
                           txns_.names.value_name(list[position]) + ", which " +
                           txn_name(txns_, aborted) + " appended and aborted"};
      });
      return;
    }
  }

  const Transactions& txns_;
  Anomalies& anomalies_;
  ListVersions found_;
  ValueTable table_;
  std::vector<std::uint32_t> start_;  // by key, in appends_
  std::vector<Append> appends_;
};

}  // namespace

ListVersions list_versions(const Transactions& txns, Anomalies& anomalies) {
  return Analysis(txns, anomalies).run();
}

}  // namespace squall
