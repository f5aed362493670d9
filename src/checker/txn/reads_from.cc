// Registers and lists, brought to one form.
#include "checker/txn/reads_from.h"

#include <algorithm>
#include <numeric>

#include "checker/selection.h"
#include "checker/txn/key_states.h"
#include "checker/txn/register_versions.h"

namespace squall {
namespace {

struct Own {
  std::uint32_t last_write = kUnobserved;  // the operation
  bool is_known = false;
  TxnIndex read_from = 0;

  void reset() { *this = {}; }
};

class Normalizer {
 public:
  Normalizer(const Transactions& txns, bool forbid_unwritten)
      : txns_(txns), forbid_unwritten_(forbid_unwritten), states_(txns.names.keys()) {}

  ReadsFrom run() {
    for (const MicroOp& op : txns_.ops) has_lists_ |= op.kind() == MicroKind::kAppend;
    if (has_lists_) {
      lists_ = list_versions(txns_, found_.broken);
      found_.is_node = lists_.is_node;
      add_known();
      if (lists_.ambiguous > 0) found_.gap = lists_.ambiguous_example;
    } else {
      registers_ = register_versions(txns_);
      found_.is_node = registers_.is_node;
      if (registers_.ambiguous > 0) found_.gap = registers_.ambiguous_example;
    }
    found_.sessions.resize(txns_.sessions.size());
    found_.place.assign(txns_.size(), 0);
    found_.reads.reserve(txns_.ops.size() / 2);
    found_.writes.reserve(txns_.ops.size() / 2);
    found_.read_start.reserve(txns_.size() + 1);
    found_.write_start.reserve(txns_.size() + 1);
    found_.read_start.push_back(0);
    found_.write_start.push_back(0);
    for (TxnIndex txn = 0; txn < txns_.size(); ++txn) look_at(txn);
    return std::move(found_);
  }

 private:
  void look_at(TxnIndex txn) {
    if (found_.is_node[txn] != 0) {
      auto& session = found_.sessions[txns_.session[txn]];
      found_.place[txn] = static_cast<std::uint32_t>(session.size());
      session.push_back(txn);
      ++found_.examined;
      txn_ = txn;
      states_.begin();
      const std::uint32_t end = txns_.first[txn] + txns_.count[txn];
      for (std::uint32_t i = txns_.first[txn]; i < end; ++i) operation(i);
      const auto begin = found_.writes.begin() + found_.write_start.back();
      std::sort(begin, found_.writes.end());
      found_.writes.erase(std::unique(begin, found_.writes.end()), found_.writes.end());
    }
    found_.read_start.push_back(static_cast<std::uint32_t>(found_.reads.size()));
    found_.write_start.push_back(static_cast<std::uint32_t>(found_.writes.size()));
  }

  void operation(std::uint32_t index) {
    const MicroOp op = txns_.ops[index];
    if (op.kind() == MicroKind::kWrite || op.kind() == MicroKind::kAppend) {
      states_.at(op.key()).last_write = index;
      found_.writes.push_back(op.key());
      return;
    }
    if (op.value == kTxnUnseen || txns_.outcome[txn_] != Outcome::kOk) return;
    has_lists_ ? read_list(index, op) : read_register(index, op);
  }

  void read_register(std::uint32_t index, MicroOp op) {
    const VersionId version = registers_.of_op[index];
    Own& own = states_.at(op.key());
    if (version == kNoVersion) return;
    if (own.last_write != kUnobserved) {
      if (registers_.of_op[own.last_write] != version) lost_own(op, txns_.ops[own.last_write]);
      return;
    }
    take(op, own, registers_.writer[version], registers_.is_intermediate[version] != 0,
         op.value == kTxnNil);
  }

  void read_list(std::uint32_t, MicroOp op) {
    const auto list = txns_.list(op);
    Own& own = states_.at(op.key());
    if (own.last_write != kUnobserved) {
      const bool is_seen = !list.empty() && list.back() == txns_.ops[own.last_write].value;
      if (!is_seen) lost_own(op, txns_.ops[own.last_write]);
      return;
    }
    if (op.kind() == MicroKind::kOddRead) {
      broken("incompatible-order", {txn_}, op, "which does not fit to what others read");
      return;
    }
    if (list.empty()) return take(op, own, kNobody, false, true);
    const auto last = static_cast<std::uint32_t>(list.size() - 1);
    if (lists_.first_aborted[op.key()] <= last) {
      const TxnIndex writer = lists_.writer_of(txns_, op.key(), lists_.first_aborted[op.key()]);
      broken("G1a", {writer, txn_}, op, "though " + txn_name(txns_, writer) + " had aborted");
    }
    const TxnIndex writer = lists_.writer_of(txns_, op.key(), last);
    const bool is_intermediate = lists_.is_intermediate[txns_.version_start[op.key()] + last] != 0;
    take(op, own, writer, is_intermediate, false);
  }

  void take(MicroOp op, Own& own, TxnIndex writer, bool is_intermediate, bool is_initial) {
    if (writer == kNobody && !is_initial) {
      if (forbid_unwritten_) broken("unwritten-read", {txn_}, op, "which nobody wrote");
      return;
    }
    if (writer == txn_) {
      broken("future-read", {txn_}, op, "and only then wrote that");
      return;
    }
    if (!is_initial && txns_.outcome[writer] == Outcome::kFail) {
      broken("G1a", {writer, txn_}, op, "though " + txn_name(txns_, writer) + " had aborted");
      return;
    }
    if (is_intermediate) {
      broken("G1b", {writer, txn_}, op,
             "while " + txn_name(txns_, writer) + " was not done writing");
    }
    const TxnIndex from = is_initial ? found_.initial() : writer;
    if (own.is_known && own.read_from == from) return;
    own.is_known = true;
    own.read_from = from;
    found_.reads.push_back({op.key(), from});
  }

  void lost_own(MicroOp op, MicroOp written) {
    broken("internal", {txn_}, op,
           "after its own write of " + txns_.names.value_name(written.value));
  }

  void broken(std::string_view name, std::vector<TxnIndex> txns, MicroOp op,
              const std::string& why) {
    found_.broken.add(name, [&] {
      const bool is_list = op.kind() != MicroKind::kRead;
      const std::string value =
          is_list ? list_text(txns_, txns_.list(op)) : txns_.names.value_name(op.value);
      return Anomaly{{},
                     0,
                     std::move(txns),
                     txn_name(txns_, txn_) + " read " + txns_.names.key_name(op.key()) + " = " +
                         value + ", " + why};
    });
  }

  // Lists tell the order of versions.
  void add_known() {
    for (TxnKey key = 0; key < txns_.names.keys(); ++key) {
      TxnIndex last = kNobody;
      for (std::uint32_t i = txns_.version_start[key]; i < txns_.version_start[key + 1]; ++i) {
        const TxnIndex writer = lists_.writer[i];
        if (writer == kNobody || found_.is_node[writer] == 0) continue;
        if (last != kNobody && last != writer) found_.known.emplace_back(last, writer);
        last = writer;
      }
    }
  }

  const Transactions& txns_;
  bool forbid_unwritten_;
  bool has_lists_ = false;
  ReadsFrom found_;
  ListVersions lists_;
  RegisterVersions registers_;
  KeyStates<Own> states_;
  TxnIndex txn_ = 0;
};

// Reads and writes of registers, one operation each.
Transactions register_transactions_of(const History& history, const std::string& client) {
  TransactionsBuilder builder;
  const Selection chosen(history, client);
  const auto read = history.functions().find("read");
  const auto write = history.functions().find("write");
  std::vector<OpIndex> numbers;
  for (OpIndex op = 0; op < history.size(); ++op) {
    const bool is_read = chosen.has(op, read);
    if (!is_read && !chosen.has(op, write)) continue;
    const bool is_seen = history.outcome()[op] == Outcome::kOk;
    const Process& process = history.processes()[history.process()[op]];
    const TxnIndex txn =
        builder.begin(builder.session(process.id, process.clock_error), history.sent()[op]);
    const TxnKey key = builder.names().key_of(history.values(), history.key()[op]);
    const TxnValue value = is_read && !is_seen
                               ? kTxnUnseen
                               : builder.names().value_of(history.values(), history.value()[op]);
    const MicroOp micro = MicroOp::of(is_read ? MicroKind::kRead : MicroKind::kWrite, key, value);
    builder.end(txn, std::span(&micro, 1), history.outcome()[op], history.completed()[op]);
    numbers.push_back(op);
  }
  Transactions found = builder.finish(true);
  found.operation = std::move(numbers);
  return found;
}

}  // namespace

bool ReadsFrom::does_write(TxnIndex txn, TxnKey key) const {
  const auto keys = writes_of(txn);
  return std::binary_search(keys.begin(), keys.end(), key);
}

ReadsFrom reads_from(const Transactions& txns, bool forbid_unwritten) {
  return Normalizer(txns, forbid_unwritten).run();
}

const Transactions& operations_in(const CheckInput& input, Transactions& own) {
  const Transactions& txns = transactions_in(input, own);
  if (txns.size() > 0) return txns;
  own = register_transactions_of(input.recording.history, input.params.text("client"));
  return own;
}

WritePlaces::WritePlaces(const Transactions& txns, const ReadsFrom& history) : history_(history) {
  const std::size_t keys = txns.names.keys();
  std::vector<std::uint32_t> begin(keys + 1, 0);
  for (const TxnKey key : history.writes) ++begin[key + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  places_.resize(begin.back());
  std::vector<std::uint32_t> session_of(begin.back());
  std::vector<std::uint32_t> next(begin.begin(), begin.end() - 1);
  for (std::uint32_t session = 0; session < history.sessions.size(); ++session) {
    for (const TxnIndex txn : history.sessions[session]) {
      for (const TxnKey key : history.writes_of(txn)) {
        session_of[next[key]] = session;
        places_[next[key]++] = history.place[txn];
      }
    }
  }
  for (TxnKey key = 0; key < keys; ++key) {
    start_.push_back(static_cast<std::uint32_t>(runs_.size()));
    for (std::uint32_t i = begin[key]; i < begin[key + 1]; ++i) {
      const bool is_new = i == begin[key] || session_of[i] != session_of[i - 1];
      if (is_new) runs_.push_back({session_of[i], i, i});
      runs_.back().end = i + 1;
    }
  }
  start_.push_back(static_cast<std::uint32_t>(runs_.size()));
}

TxnIndex WritePlaces::last_below(const Run& run, std::uint32_t limit) const {
  const auto begin = places_.begin() + run.begin;
  const auto above = std::lower_bound(begin, places_.begin() + run.end, limit);
  return above == begin ? kNobody : history_.sessions[run.session][*(above - 1)];
}

TxnIndex WritePlaces::last_below(TxnKey key, std::uint32_t session, std::uint32_t limit) const {
  const auto all = runs(key);
  const auto run = std::lower_bound(all.begin(), all.end(), session,
                                    [](const Run& a, std::uint32_t s) { return a.session < s; });
  return run == all.end() || run->session != session ? kNobody : last_below(*run, limit);
}

}  // namespace squall
