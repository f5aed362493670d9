// Brute force.
#include "tests/checker/transaction_oracles.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>

namespace squall::test {
namespace {

using State = std::map<TxnKey, std::vector<TxnValue>>;  // a register's list has one value at most
using Order = std::vector<TxnIndex>;

bool is_write(const MicroOp& op) {
  return op.kind() == MicroKind::kWrite || op.kind() == MicroKind::kAppend;
}

// False: a read does not return what is there.
bool run(const Transactions& txns, TxnIndex txn, State& state) {
  for (const MicroOp& op : txns.at(txn)) {
    std::vector<TxnValue>& now = state[op.key()];
    if (op.kind() == MicroKind::kWrite) {
      now = {op.value};
    } else if (op.kind() == MicroKind::kAppend) {
      now.push_back(op.value);
    } else if (op.kind() == MicroKind::kRead) {
      const bool is_there = op.value == kTxnNil ? now.empty() : now == std::vector{op.value};
      if (!is_there) return false;
    } else {
      const auto list = txns.list(op);
      if (!std::equal(now.begin(), now.end(), list.begin(), list.end())) return false;
    }
  }
  return true;
}

bool comes_first(const Transactions& txns, TxnIndex a, TxnIndex b, Respect respect) {
  if (respect == Respect::kNothing) return false;
  const bool is_session = txns.session[a] == txns.session[b] && a < b;
  return is_session || (respect == Respect::kTime && txns.completed[a] < txns.sent[b]);
}

Order acknowledged(const Transactions& txns) {
  Order all;
  for (TxnIndex txn = 0; txn < txns.size(); ++txn) {
    if (txns.outcome[txn] == Outcome::kOk) all.push_back(txn);
  }
  return all;
}

bool any_order(Order order, const std::function<bool(const Order&)>& is_good) {
  do {
    if (is_good(order)) return true;
  } while (std::next_permutation(order.begin(), order.end()));
  return false;
}

bool does_respect(const Transactions& txns, const Order& order, Respect respect) {
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = i + 1; j < order.size(); ++j) {
      if (comes_first(txns, order[j], order[i], respect)) return false;
    }
  }
  return true;
}

bool writes(const Transactions& txns, TxnIndex txn, TxnKey key) {
  const auto ops = txns.at(txn);
  return std::any_of(ops.begin(), ops.end(),
                     [&](const MicroOp& op) { return is_write(op) && op.key() == key; });
}

bool do_conflict(const Transactions& txns, TxnIndex a, TxnIndex b) {
  const auto ops = txns.at(a);
  return std::any_of(ops.begin(), ops.end(),
                     [&](const MicroOp& op) { return is_write(op) && writes(txns, b, op.key()); });
}

void commit(const Transactions& txns, TxnIndex txn, State& state) {
  for (const MicroOp& op : txns.at(txn)) {
    if (op.kind() == MicroKind::kWrite) state[op.key()] = {op.value};
    if (op.kind() == MicroKind::kAppend) state[op.key()].push_back(op.value);
  }
}

bool has_snapshot(const Transactions& txns, const Order& order, std::size_t place) {
  for (std::size_t snapshot = 0; snapshot <= place; ++snapshot) {
    bool is_apart = true;
    for (std::size_t i = snapshot; i < place; ++i) {
      is_apart &= !do_conflict(txns, order[i], order[place]);
    }
    if (!is_apart) continue;
    State state;
    for (std::size_t i = 0; i < snapshot; ++i) commit(txns, order[i], state);
    if (run(txns, order[place], state)) return true;
  }
  return false;
}

// A read of another's write; `from` is size() for the initial state.
struct Seen {
  std::size_t op;
  TxnKey key;
  TxnIndex from;
};

struct Facts {
  bool is_broken = false;  // a read that no model allows
  std::vector<std::vector<Seen>> reads;
  std::vector<std::vector<bool>> before;  // sessions and reads, directly
};

TxnIndex writer_of(const Transactions& txns, TxnKey key, TxnValue value, bool& is_final) {
  for (TxnIndex txn = 0; txn < txns.size(); ++txn) {
    const MicroOp* found = nullptr;
    for (const MicroOp& op : txns.at(txn)) {
      if (!is_write(op) || op.key() != key) continue;
      if (found != nullptr) is_final = false;
      if (op.value == value) {
        found = &op;
        is_final = true;
      }
    }
    if (found != nullptr) return txn;
  }
  return static_cast<TxnIndex>(txns.size());
}

Facts facts_of(const Transactions& txns) {
  Facts facts;
  const std::size_t count = txns.size();
  facts.reads.resize(count);
  facts.before.assign(count, std::vector<bool>(count, false));
  for (TxnIndex txn = 0; txn < count; ++txn) {
    std::map<TxnKey, TxnValue> own;
    for (std::size_t i = 0; i < txns.count[txn]; ++i) {
      const MicroOp op = txns.at(txn)[i];
      if (is_write(op)) {
        own[op.key()] = op.value;
        continue;
      }
      if (own.contains(op.key())) {
        facts.is_broken |= own[op.key()] != op.value;
        continue;
      }
      bool is_final = true;
      const auto initial = static_cast<TxnIndex>(count);
      const TxnIndex from =
          op.value == kTxnNil ? initial : writer_of(txns, op.key(), op.value, is_final);
      facts.is_broken |= from == txn || !is_final || (op.value != kTxnNil && from == initial);
      if (from == txn) continue;
      facts.reads[txn].push_back({i, op.key(), from});
      if (from != initial) facts.before[from][txn] = true;
    }
    for (TxnIndex later = txn + 1; later < count; ++later) {
      if (txns.session[later] == txns.session[txn]) facts.before[txn][later] = true;
    }
  }
  return facts;
}

void close(std::vector<std::vector<bool>>& before) {
  for (std::size_t k = 0; k < before.size(); ++k) {
    for (std::size_t i = 0; i < before.size(); ++i) {
      for (std::size_t j = 0; j < before.size(); ++j) {
        if (before[i][k] && before[k][j]) before[i][j] = true;
      }
    }
  }
}

bool must_know(const Facts& facts, const std::vector<std::vector<bool>>& past, Axiom axiom,
               TxnIndex known, TxnIndex reader, const Seen& read) {
  switch (axiom) {
    case Axiom::kReadCommitted:
      return std::any_of(
          facts.reads[reader].begin(), facts.reads[reader].end(),
          [&](const Seen& other) { return other.from == known && other.op < read.op; });
    case Axiom::kReadAtomic:
      return facts.before[known][reader];
    case Axiom::kCausal:
      return past[known][reader];
  }
  return false;
}

using KeyOk = std::function<bool(TxnKey key, const std::map<TxnIndex, std::size_t>& place)>;

// Some order of each key's writers that extends the sessions'.
bool each_key(const Transactions& txns, const KeyOk& is_good) {
  for (TxnKey key = 0; key < txns.names.keys(); ++key) {
    Order writers;
    for (TxnIndex txn = 0; txn < txns.size(); ++txn) {
      if (writes(txns, txn, key)) writers.push_back(txn);
    }
    const bool is_possible = any_order(writers, [&](const Order& order) {
      if (!does_respect(txns, order, Respect::kSessions)) return false;
      std::map<TxnIndex, std::size_t> place;
      place[static_cast<TxnIndex>(txns.size())] = 0;
      for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i + 1;
      return is_good(key, place);
    });
    if (!is_possible) return false;
  }
  return true;
}

bool along_sessions(const Transactions& txns, bool is_by_writes) {
  const Facts facts = facts_of(txns);
  return each_key(txns, [&](TxnKey key, const std::map<TxnIndex, std::size_t>& place) {
    std::map<std::uint32_t, std::size_t> least;  // by session: what it may still read
    for (TxnIndex txn = 0; txn < txns.size(); ++txn) {
      std::size_t& at_least = least[txns.session[txn]];
      for (const Seen& read : facts.reads[txn]) {
        if (read.key != key) continue;
        if (place.at(read.from) < at_least) return false;
        if (!is_by_writes) at_least = place.at(read.from);
      }
      if (is_by_writes && writes(txns, txn, key)) at_least = std::max(at_least, place.at(txn));
    }
    return true;
  });
}

}  // namespace

bool is_serializable(const Transactions& txns, Respect respect) {
  return any_order(acknowledged(txns), [&](const Order& order) {
    if (!does_respect(txns, order, respect)) return false;
    State state;
    return std::all_of(order.begin(), order.end(),
                       [&](TxnIndex txn) { return run(txns, txn, state); });
  });
}

bool is_snapshot_isolated(const Transactions& txns) {
  return any_order(acknowledged(txns), [&](const Order& order) {
    for (std::size_t place = 0; place < order.size(); ++place) {
      if (!has_snapshot(txns, order, place)) return false;
    }
    return true;
  });
}

bool holds(const Transactions& txns, Axiom axiom) {
  const Facts facts = facts_of(txns);
  if (facts.is_broken) return false;
  std::vector<std::vector<bool>> past = facts.before;
  close(past);
  Order all(txns.size());
  std::iota(all.begin(), all.end(), TxnIndex{0});
  return any_order(all, [&](const Order& order) {
    std::vector<std::size_t> place(txns.size() + 1, 0);
    for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i + 1;
    for (TxnIndex a = 0; a < txns.size(); ++a) {
      for (TxnIndex b = 0; b < txns.size(); ++b) {
        if (facts.before[a][b] && place[a] >= place[b]) return false;
      }
      for (const Seen& read : facts.reads[a]) {
        for (TxnIndex other = 0; other < txns.size(); ++other) {
          const bool is_other = other != read.from && other != a && writes(txns, other, read.key);
          if (!is_other || !must_know(facts, past, axiom, other, a, read)) continue;
          if (place[other] >= place[read.from]) return false;
        }
      }
    }
    return true;
  });
}

bool reads_its_writes(const Transactions& txns) {
  return along_sessions(txns, true);
}

bool reads_monotonically(const Transactions& txns) {
  return along_sessions(txns, false);
}

}  // namespace squall::test
