// long-fork: two readers do not see two writes in opposite orders.
#include <algorithm>
#include <map>

#include "checker/explain.h"
#include "checker/rows.h"
#include "checker/txn/judge.h"

namespace squall {
namespace {

constexpr std::size_t kMaxWitnesses = 10;

constexpr ParamSpec kParams[] = {kClientParam};

// What a transaction that only reads saw of its keys.
struct Reader {
  TxnIndex txn = 0;
  std::vector<TxnKey> seen;  // sorted: keys that it found written
};
using Groups = std::map<std::vector<TxnKey>, std::vector<Reader>>;  // by the keys that were read

struct Collected {
  Groups groups;
  std::uint64_t readers = 0;
  std::string rewritten;  // a key that is written more than once; "" if none is
};

bool add_reader(const Transactions& txns, TxnIndex txn, Collected& collected) {
  std::vector<TxnKey> keys;
  Reader reader{txn, {}};
  for (const MicroOp& op : txns.at(txn)) {
    if (op.kind() == MicroKind::kWrite || op.kind() == MicroKind::kAppend) return false;
    keys.push_back(op.key());
    const bool is_nothing =
        op.kind() == MicroKind::kRead ? op.value == kTxnNil : txns.list(op).empty();
    if (!is_nothing) reader.seen.push_back(op.key());
  }
  std::sort(keys.begin(), keys.end());
  std::sort(reader.seen.begin(), reader.seen.end());
  if (keys.size() < 2 || std::adjacent_find(keys.begin(), keys.end()) != keys.end()) return false;
  collected.groups[keys].push_back(std::move(reader));
  return true;
}

Collected collect(const Transactions& txns) {
  Collected collected;
  std::vector<char> is_written(txns.names.keys(), 0);
  for (TxnIndex txn = 0; txn < txns.size(); ++txn) {
    for (const MicroOp& op : txns.at(txn)) {
      const bool is_write = op.kind() == MicroKind::kWrite || op.kind() == MicroKind::kAppend;
      if (!is_write || txns.outcome[txn] == Outcome::kFail) continue;
      if (is_written[op.key()] != 0 && collected.rewritten.empty()) {
        collected.rewritten = txns.names.key_name(op.key());
      }
      is_written[op.key()] = 1;
    }
    if (txns.outcome[txn] != Outcome::kOk) continue;
    if (add_reader(txns, txn, collected)) ++collected.readers;
  }
  return collected;
}

TxnKey only_in(const std::vector<TxnKey>& one, const std::vector<TxnKey>& other) {
  std::vector<TxnKey> rest;
  std::set_difference(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(rest));
  return rest.front();
}

Witness explain(const Transactions& txns, const Reader& a, const Reader& b) {
  const std::string x = txns.names.key_name(only_in(a.seen, b.seen));
  const std::string y = txns.names.key_name(only_in(b.seen, a.seen));
  Witness witness{{txns.operation_of(a.txn), txns.operation_of(b.txn)},
                  txn_name(txns, a.txn) + " saw the write of " + x + " but not that of " + y +
                      ", and " + txn_name(txns, b.txn) + " saw that of " + y + " but not that of " +
                      x};
  std::sort(witness.operations.begin(), witness.operations.end());
  return witness;
}

Verdict check(const CheckInput& input) {
  Transactions own;
  const Transactions& txns = transactions_in(input, own);
  Collected collected = collect(txns);
  std::vector<Witness> witnesses;
  std::uint64_t forks = 0;
  for (auto& [keys, readers] : collected.groups) {
    // By how much they saw, each must have seen all that the one before it saw.
    std::stable_sort(readers.begin(), readers.end(), [](const Reader& a, const Reader& b) {
      return a.seen.size() < b.seen.size();
    });
    for (std::size_t i = 1; i < readers.size(); ++i) {
      const Reader& less = readers[i - 1];
      const Reader& more = readers[i];
      if (std::includes(more.seen.begin(), more.seen.end(), less.seen.begin(), less.seen.end())) {
        continue;
      }
      ++forks;
      if (witnesses.size() < kMaxWitnesses) witnesses.push_back(explain(txns, less, more));
    }
  }
  Verdict verdict;
  if (!collected.rewritten.empty()) {
    verdict.summary = "key " + collected.rewritten +
                      " is written more than once, which this checker cannot follow; "
                      "rw-register can";
    return verdict;
  }
  verdict =
      conclude(collected.readers, std::move(witnesses),
               counted(collected.readers, "reader") + " of " +
                   counted(collected.groups.size(), "group") + " of keys saw writes in one order",
               "no transaction read two keys and wrote none");
  verdict.facts = {{"readers", std::to_string(collected.readers)},
                   {"groups", std::to_string(collected.groups.size())},
                   {"forks", std::to_string(forks)}};
  return verdict;
}

}  // namespace

const CheckerRow& long_fork_row() {
  static const CheckerRow kRow{
      "long-fork", "no two readers see two writes in opposite orders",
      "Each key is written once, by a transaction of its own; other transactions read several "
      "keys and write none. Of those that read the same keys, sorted by how many of them they "
      "found written, each must have found all that the one before it found. Two that differ the "
      "other way round saw two writes in opposite orders, a long fork, which parallel snapshot "
      "isolation allows and snapshot isolation forbids. O(n log n). Source: the long-fork test of "
      "Jepsen; Sovran et al., SOSP 2011.",
      kParams, check};
  return kRow;
}

}  // namespace squall
