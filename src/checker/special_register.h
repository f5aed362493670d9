// Registers whose values tell who wrote them, by zones (P. Gibbons, E. Korach, "Testing shared
// memories", 1997), with compare-and-set chains and crashed operations.  O(n log n).
//
// All operations on one value stand side by side in any order that explains the history; a value
// that a compare-and-set replaced stands right before the new one.  Such a block must come before
// another if one of its operations returned before one of the other's was called:
//
//   A: |─w a─|      |─r a─|        first return of A < last call of B, and the reverse:
//   B:         |─w b─|             no order
//
// If there is a circle of blocks, then there is one of two (take the block whose first return is
// the earliest), so that sorting finds it.
#pragma once

#include <span>

#include "checker/models/register.h"
#include "checker/special.h"

namespace squall {

// Not of the class: a value that two operations wrote, or that was there initially and was written
// again; a failed compare-and-set that found a value other than one that occurs.  A crashed write
// that nobody observed is left out and may repeat a value.
//
// The core holds the writers of every value that it reads, so it is a history of its own.
[[nodiscard]] SpecialOutcome check_unique_register(std::span<const RegisterOp> ops,
                                                   State state_count, State initial);

}  // namespace squall
