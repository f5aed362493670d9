// Isolation by definition: all orders of a few transactions are tried.
#pragma once

#include "history/transactions.h"

namespace squall::test {

// Is there an order of all acknowledged transactions in which every read returns the latest state?
enum class Respect { kNothing, kSessions, kTime };
[[nodiscard]] bool is_serializable(const Transactions& txns, Respect respect);
// … an order of commits, and for each transaction a moment before its commit whose state it reads,
// such that nobody else commits a write of a key of its own in between?
[[nodiscard]] bool is_snapshot_isolated(const Transactions& txns);

// Biswas and Enea's axioms, over all commit orders.  Values are unique per key.
enum class Axiom { kReadCommitted, kReadAtomic, kCausal };
[[nodiscard]] bool holds(const Transactions& txns, Axiom axiom);

// One order of each key's writes that extends the sessions' order and in which no session reads
// something from before its own last write (or, what it has read already).
[[nodiscard]] bool reads_its_writes(const Transactions& txns);
[[nodiscard]] bool reads_monotonically(const Transactions& txns);

}  // namespace squall::test
