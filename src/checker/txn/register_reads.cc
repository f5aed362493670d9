// Anomalies that a single transaction of an rw-register history shows.
#include "checker/txn/key_states.h"
#include "checker/txn/register_versions.h"

namespace squall {
namespace {

struct RegisterState {
  VersionId known = kNoVersion;  // what the transaction read or wrote last
  VersionId read = kNoVersion;   // what it read before it wrote
  bool has_written = false;

  void reset() { *this = {}; }
};

class Reads {
 public:
  Reads(const Transactions& txns, const RegisterVersions& versions, bool forbid_unwritten,
        Anomalies& anomalies)
      : txns_(txns),
        versions_(versions),
        forbid_unwritten_(forbid_unwritten),
        anomalies_(anomalies),
        states_(txns.names.keys()),
        updater_(versions.value.size(), kNobody) {}

  void run() {
    for (TxnIndex txn = 0; txn < txns_.size(); ++txn) {
      if (txns_.outcome[txn] != Outcome::kOk) continue;
      txn_ = txn;
      states_.begin();
      const std::uint32_t end = txns_.first[txn] + txns_.count[txn];
      for (std::uint32_t i = txns_.first[txn]; i < end; ++i) {
        const VersionId version = versions_.of_op[i];
        if (version == kNoVersion) continue;
        const bool is_write = txns_.ops[i].kind() == MicroKind::kWrite;
        is_write ? write(txns_.ops[i], version) : read(txns_.ops[i], version);
      }
    }
  }

 private:
  void write(MicroOp op, VersionId version) {
    RegisterState& state = states_.at(op.key());
    if (state.read == version) {
      add("future-read", {txn_},
          [&] { return name() + " read " + element(op) + " and only then wrote it"; });
    } else if (state.read != kNoVersion && !state.has_written) {
      update(op, state.read);
    }
    state.has_written = true;
    state.known = version;
  }

  void update(MicroOp op, VersionId read) {
    const TxnIndex other = updater_[read];
    if (other == kNobody) updater_[read] = txn_;
    if (other == kNobody || other == txn_) return;
    add("lost-update", {other, txn_}, [&] {
      return txn_name(txns_, other) + " and " + name() + " both wrote " +
             txns_.names.key_name(op.key()) + " having read it as " + value(read);
    });
  }

  void read(MicroOp op, VersionId version) {
    RegisterState& state = states_.at(op.key());
    if (state.known != kNoVersion && state.known != version) {
      const bool is_own = state.has_written;
      add("internal", {txn_}, [&] {
        return name() + " read " + element(op) + " after it had " +
               (is_own ? "written " : "read ") + value(state.known);
      });
    }
    if (!state.has_written || state.known != version) from_others(op, version);
    if (!state.has_written) state.read = version;
    state.known = version;
  }

  void from_others(MicroOp op, VersionId version) {
    const TxnIndex writer = versions_.writer[version];
    if (writer == kNobody) {
      if (!forbid_unwritten_ || op.value == kTxnNil) return;
      add("unwritten-read", {txn_},
          [&] { return name() + " read " + element(op) + ", which nobody wrote"; });
      return;
    }
    if (writer == txn_) return;
    if (txns_.outcome[writer] == Outcome::kFail) {
      add("G1a", {writer, txn_}, [&] {
        return name() + " read " + element(op) + ", but " + txn_name(txns_, writer) +
               ", which wrote it, had aborted";
      });
    }
    if (versions_.is_intermediate[version] == 0) return;
    add("G1b", {writer, txn_}, [&] {
      return name() + " read " + element(op) + " while " + txn_name(txns_, writer) +
             " was not done writing it";
    });
  }

  void add(std::string_view anomaly, std::vector<TxnIndex> txns,
           const std::function<std::string()>& why) {
    anomalies_.add(anomaly, [&] { return Anomaly{{}, 0, std::move(txns), why()}; });
  }
  [[nodiscard]] std::string name() const { return txn_name(txns_, txn_); }
  [[nodiscard]] std::string value(VersionId version) const {
    return txns_.names.value_name(versions_.value[version]);
  }
  [[nodiscard]] std::string element(MicroOp op) const {
    return txns_.names.key_name(op.key()) + " = " + txns_.names.value_name(op.value);
  }

  const Transactions& txns_;
  const RegisterVersions& versions_;
  bool forbid_unwritten_;
  Anomalies& anomalies_;
  KeyStates<RegisterState> states_;
  std::vector<TxnIndex> updater_;  // by version: who wrote having read it
  TxnIndex txn_ = 0;
};

}  // namespace

void register_anomalies(const Transactions& txns, const RegisterVersions& versions,
                        bool forbid_unwritten, Anomalies& anomalies) {
  Reads(txns, versions, forbid_unwritten, anomalies).run();
}

}  // namespace squall
