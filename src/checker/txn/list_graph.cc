// ww along the longest lists, wr from the last element that a read returned, rw to the next one.
#include "checker/txn/list_graph.h"

#include <unordered_map>

#include "checker/txn/key_states.h"

namespace squall {
namespace {

struct OwnAppend {
  bool has_appended = false;
  void reset() { has_appended = false; }
};

class ListGraph {
 public:
  ListGraph(const Transactions& txns, const ListVersions& versions, GraphBuilder& builder)
      : txns_(txns), versions_(versions), builder_(builder), readers_(txns.names.keys()) {}

  void run() {
    find_odd_writers();
    for (TxnKey key = 0; key < txns_.names.keys(); ++key) add_versions(key);
    KeyStates<OwnAppend> states(txns_.names.keys());
    for (TxnIndex txn = 0; txn < txns_.size(); ++txn) {
      if (txns_.outcome[txn] == Outcome::kOk) add_reads(txn, states);
    }
    for (const TxnKey key : with_unseen_) builder_.add_all(readers_[key], unseen(key), Link::kRw);
  }

 private:
  [[nodiscard]] std::span<const TxnIndex> unseen(TxnKey key) const {
    const std::uint32_t begin = versions_.unseen_start[key];
    return std::span(versions_.unseen).subspan(begin, versions_.unseen_start[key + 1] - begin);
  }
  [[nodiscard]] bool is_node(TxnIndex txn) const {
    return txn != kNobody && versions_.is_node[txn] != 0;
  }

  void add_versions(TxnKey key) {
    TxnIndex last = kNobody;
    for (std::uint32_t i = txns_.version_start[key]; i < txns_.version_start[key + 1]; ++i) {
      const TxnIndex writer = versions_.writer[i];
      if (!is_node(writer)) continue;
      if (last != kNobody) builder_.add(last, writer, Link::kWw);
      last = writer;
    }
    if (unseen(key).empty()) return;
    with_unseen_.push_back(key);
    if (last != kNobody) builder_.add_all(std::span(&last, 1), unseen(key), Link::kWw);
  }

  void add_reads(TxnIndex txn, KeyStates<OwnAppend>& states) {
    states.begin();
    for (const MicroOp& op : txns_.at(txn)) {
      OwnAppend& state = states.at(op.key());
      if (op.kind() == MicroKind::kAppend) state.has_appended = true;
      if (op.kind() == MicroKind::kOddRead) add_odd(txn, op);
      const bool is_list = op.kind() == MicroKind::kListRead ||
                           (op.kind() == MicroKind::kRead && op.value == kTxnNil);
      if (is_list && !state.has_appended) add_read(txn, op);
    }
  }

  void add_read(TxnIndex txn, MicroOp op) {
    const TxnKey key = op.key();
    const std::uint32_t begin = txns_.version_start[key];
    const std::uint32_t end = txns_.version_start[key + 1];
    const std::uint32_t at =
        begin + (op.kind() == MicroKind::kListRead ? op.value : 0);  // the next version
    if (at > begin && is_node(versions_.writer[at - 1])) {
      builder_.add(versions_.writer[at - 1], txn, Link::kWr);
    }
    for (std::uint32_t next = at; next < end; ++next) {
      if (!is_node(versions_.writer[next])) continue;
      builder_.add(txn, versions_.writer[next], Link::kRw);
      return;
    }
    if (!unseen(key).empty() && (readers_[key].empty() || readers_[key].back() != txn)) {
      readers_[key].push_back(txn);
    }
  }

  static std::uint64_t element(TxnKey key, TxnValue value) {
    return std::uint64_t{key} << 32U | value;
  }

  void find_odd_writers() {
    if (txns_.odd.empty()) return;
    std::vector<char> is_odd(txns_.names.keys(), 0);
    for (const MicroOp& op : txns_.ops) {
      if (op.kind() == MicroKind::kOddRead) is_odd[op.key()] = 1;
    }
    for (TxnIndex txn = 0; txn < txns_.size(); ++txn) {
      if (!is_node(txn)) continue;
      for (const MicroOp& op : txns_.at(txn)) {
        if (op.kind() == MicroKind::kAppend && is_odd[op.key()] != 0) {
          odd_writers_[element(op.key(), op.value)] = txn;
        }
      }
    }
  }

  void add_odd(TxnIndex txn, MicroOp op) {
    const auto list = txns_.list(op);
    const auto writer = odd_writers_.find(element(op.key(), list.back()));
    if (writer != odd_writers_.end()) builder_.add(writer->second, txn, Link::kWr);
  }

  const Transactions& txns_;
  const ListVersions& versions_;
  GraphBuilder& builder_;
  std::vector<std::vector<TxnIndex>> readers_;  // of the longest list, where there are unseen
  std::vector<TxnKey> with_unseen_;
  std::unordered_map<std::uint64_t, TxnIndex> odd_writers_;
};

// Finds what a step rests on by looking at the two transactions again.
class Because {
 public:
  Because(const Transactions& txns, const ListVersions& versions, const CycleStep& step)
      : txns_(txns), versions_(versions), step_(step) {}

  std::string text() const {
    if (step_.link == Link::kWr) return read_from();
    for (std::uint32_t i = 0; i < txns_.count[step_.to]; ++i) {
      const std::uint32_t index = txns_.first[step_.to] + i;
      const MicroOp op = txns_.ops[index];
      if (op.kind() != MicroKind::kAppend) continue;
      const std::uint32_t position = versions_.position[index];
      const std::string why =
          step_.link == Link::kWw ? overwrote(op, position) : did_not_see(op, position);
      if (!why.empty()) return why;
    }
    return name(step_.to) + " came after " + name(step_.from);
  }

 private:
  [[nodiscard]] std::string read_from() const {
    for (const MicroOp& read : txns_.at(step_.to)) {
      const auto list = txns_.list(read);
      if (list.empty()) continue;
      for (const MicroOp& op : txns_.at(step_.from)) {
        if (op.kind() != MicroKind::kAppend || op.key() != read.key()) continue;
        if (op.value != list.back()) continue;
        return name(step_.to) + " saw " + name(step_.from) + "'s append of " + element(op);
      }
    }
    return name(step_.to) + " saw what " + name(step_.from) + " wrote";
  }

  [[nodiscard]] std::string overwrote(MicroOp op, std::uint32_t position) const {
    const std::uint32_t begin = txns_.version_start[op.key()];
    std::uint32_t at =
        position == kUnobserved ? txns_.version_start[op.key() + 1] : begin + position;
    while (at-- > begin) {
      const TxnIndex writer = versions_.writer[at];
      if (writer == kNobody || versions_.is_node[writer] == 0) continue;
      if (writer != step_.from) return "";
      return name(step_.to) + " appended " + element(op) + " after " + name(step_.from) + "'s " +
             txns_.names.value_name(txns_.versions[at]);
    }
    return "";
  }

  [[nodiscard]] std::string did_not_see(MicroOp op, std::uint32_t position) const {
    for (const MicroOp& read : txns_.at(step_.from)) {
      if (read.key() != op.key() || read.value == kTxnUnseen) continue;
      const bool is_read = read.kind() == MicroKind::kListRead || read.kind() == MicroKind::kRead;
      if (!is_read || txns_.list(read).size() > position) continue;
      return name(step_.from) + " did not see " + name(step_.to) + "'s append of " + element(op);
    }
    return "";
  }

  [[nodiscard]] std::string name(TxnIndex txn) const { return txn_name(txns_, txn); }
  [[nodiscard]] std::string element(MicroOp op) const {
    return txns_.names.value_name(op.value) + " to " + txns_.names.key_name(op.key());
  }

  const Transactions& txns_;
  const ListVersions& versions_;
  const CycleStep& step_;
};

}  // namespace

void add_list_dependencies(const Transactions& txns, const ListVersions& versions,
                           GraphBuilder& builder) {
  ListGraph(txns, versions, builder).run();
}

std::string because_of_lists(const Transactions& txns, const ListVersions& versions,
                             const CycleStep& step) {
  return Because(txns, versions, step).text();
}

}  // namespace squall
