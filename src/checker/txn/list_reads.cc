// Anomalies that a single transaction of a list-append history shows.
#include <algorithm>

#include "checker/txn/key_states.h"
#include "checker/txn/list_versions.h"

namespace squall {
namespace {

struct ListState {
  bool has_read = false;
  bool has_appended = false;         // at all
  MicroOp read{};                    // the latest
  std::vector<TxnValue> appended{};  // since then

  void reset() {
    has_read = false;
    has_appended = false;
    appended.clear();
  }
};

class Reads {
 public:
  Reads(const Transactions& txns, const ListVersions& versions, Anomalies& anomalies)
      : txns_(txns),
        versions_(versions),
        anomalies_(anomalies),
        states_(txns.names.keys()),
        updater_(txns.versions.size() + txns.names.keys(), kNobody) {}

  void run() {
    for (TxnIndex txn = 0; txn < txns_.size(); ++txn) {
      if (txns_.outcome[txn] == Outcome::kOk) look_at(txn);
    }
  }

 private:
  void look_at(TxnIndex txn) {
    txn_ = txn;
    states_.begin();
    const std::uint32_t end = txns_.first[txn] + txns_.count[txn];
    for (std::uint32_t i = txns_.first[txn]; i < end; ++i) {
      const MicroOp op = txns_.ops[i];
      if (op.kind() == MicroKind::kAppend) {
        append(i, op);
      } else if (op.kind() != MicroKind::kWrite && op.value != kTxnUnseen) {
        read(op);
      }
    }
  }

  void append(std::uint32_t index, MicroOp op) {
    ListState& state = states_.at(op.key());
    const std::uint32_t position = versions_.position[index];
    if (state.has_read && position != kUnobserved && position < txns_.list(state.read).size() &&
        state.read.kind() == MicroKind::kListRead) {
      add("future-read", {txn_}, [&] {
        return name() + " read " + key(op) + " as " + text(state.read) +
               " and only then appended " + txns_.names.value_name(op.value);
      });
    }
    if (state.has_read && !state.has_appended) update(op, state.read);
    state.has_appended = true;
    state.appended.push_back(op.value);
  }

  // Two who append to the same version: one of them did not see the other's.
  void update(MicroOp op, MicroOp read) {
    if (read.kind() == MicroKind::kOddRead) return;
    const std::size_t place = txns_.version_start[op.key()] + op.key() + txns_.list(read).size();
    const TxnIndex other = updater_[place];
    updater_[place] = txn_;
    if (other == kNobody || other == txn_) return;
    updater_[place] = other;
    add("lost-update", {other, txn_}, [&] {
      return txn_name(txns_, other) + " and " + name() + " both appended to " + key(op) +
             " having read it as " + text(read);
    });
  }

  void read(MicroOp op) {
    ListState& state = states_.at(op.key());
    if (!is_expected(state, op)) internal(state, op);
    from_others(op);
    state.has_read = true;
    state.read = op;
    state.appended.clear();
  }

  [[nodiscard]] bool is_expected(const ListState& state, MicroOp op) const {
    if (!state.has_read && state.appended.empty()) return true;
    const auto now = txns_.list(op);
    const auto before = state.has_read ? txns_.list(state.read) : std::span<const TxnValue>();
    const std::size_t length = before.size() + state.appended.size();
    if (state.has_read ? now.size() != length : now.size() < length) return false;
    const auto own = now.subspan(now.size() - state.appended.size());
    if (!std::equal(own.begin(), own.end(), state.appended.begin())) return false;
    const bool is_same_list = op.kind() == MicroKind::kListRead &&
                              state.read.kind() == MicroKind::kListRead && state.has_read;
    return is_same_list || std::equal(before.begin(), before.end(), now.begin());
  }

  void internal(const ListState& state, MicroOp op) {
    add("internal", {txn_}, [&] {
      std::string why = name() + " read " + key(op) + " as " + text(op) + " after it had ";
      if (state.has_read) why += "read " + text(state.read);
      if (!state.appended.empty()) {
        why += (state.has_read ? " and " : "") + std::string("appended ") +
               list_text(txns_, state.appended);
      }
      return why;
    });
  }

  void from_others(MicroOp op) {
    if (op.kind() == MicroKind::kOddRead) return odd(op);
    const auto list = txns_.list(op);
    if (list.empty()) return;
    const std::uint32_t aborted = versions_.first_aborted[op.key()];
    if (aborted < list.size()) {
      const TxnIndex writer = versions_.writer_of(txns_, op.key(), aborted);
      add("G1a", {writer, txn_}, [&] {
        return name() + " read " + key(op) + " as " + text(op) + ", but " +
               txn_name(txns_, writer) + ", which appended " +
               txns_.names.value_name(list[aborted]) + ", had aborted";
      });
    }
    if (versions_.first_unwritten[op.key()] < list.size()) {
      add("unwritten-read", {txn_}, [&] {
        return name() + " read " + key(op) + " as " + text(op) + ", but nobody appended " +
               txns_.names.value_name(list[versions_.first_unwritten[op.key()]]);
      });
    }
    const std::size_t last = txns_.version_start[op.key()] + list.size() - 1;
    const TxnIndex writer = versions_.writer[last];
    if (writer == kNobody || writer == txn_ || versions_.is_intermediate[last] == 0) return;
    add("G1b", {writer, txn_}, [&] {
      return name() + " read " + key(op) + " as " + text(op) + " while " + txn_name(txns_, writer) +
             " was not done appending to it";
    });
  }

  void odd(MicroOp op) {
    add("incompatible-order", {txn_}, [&] {
      return name() + " read " + key(op) + " as " + text(op) + ", which does not fit to " +
             list_text(txns_, txns_.longest(op.key())) + " that was read, too";
    });
    const auto list = txns_.list(op);
    std::vector<TxnValue> sorted(list.begin(), list.end());
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice == sorted.end()) return;
    add("duplicate-elements", {txn_}, [&] {
      return name() + " read " + key(op) + " as " + text(op) + ", with " +
             txns_.names.value_name(*twice) + " twice";
    });
  }

  void add(std::string_view anomaly, std::vector<TxnIndex> txns,
           const std::function<std::string()>& why) {
    anomalies_.add(anomaly, [&] { return Anomaly{{}, 0, std::move(txns), why()}; });
  }
  [[nodiscard]] std::string name() const { return txn_name(txns_, txn_); }
  [[nodiscard]] std::string key(MicroOp op) const { return txns_.names.key_name(op.key()); }
  [[nodiscard]] std::string text(MicroOp op) const { return list_text(txns_, txns_.list(op)); }

  const Transactions& txns_;
  const ListVersions& versions_;
  Anomalies& anomalies_;
  KeyStates<ListState> states_;
  std::vector<TxnIndex> updater_;  // by version, the empty one included: who appended to it
  TxnIndex txn_ = 0;
};

}  // namespace

void read_anomalies(const Transactions& txns, const ListVersions& versions, Anomalies& anomalies) {
  Reads(txns, versions, anomalies).run();
}

}  // namespace squall
