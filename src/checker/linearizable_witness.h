// Makes a violation small enough for a person: a few operations that no order explains.
#pragma once

#include <string>
#include <vector>

#include "checker/order_part.h"
#include "checker/verdict.h"

namespace squall {

// Operations of one part that have no order, such that the whole history can have none either: only
// what can be left out of every correct order is left out, namely operations without effect,
// changes that none of the others needs, and everything before a point in time if no state that was
// possible there helps.
struct SmallViolation {
  std::vector<OrderOp> ops;  // in the order of their calls
  StartPoint start;
  OrderOp stuck;                      // the first that cannot be placed
  std::vector<std::string> possible;  // the states that were possible there; empty: too many
};

// `part` has been found to be violated, at `outcome.stuck`.  Deterministic, bounded work.
[[nodiscard]] SmallViolation shrink(OrderPart& part, const OrderOutcome& outcome);

// "key k3: process 2 read 7 (operation 812), but only 9 was possible there; no order of these 4
// operations works"
[[nodiscard]] Witness explain(const History& history, const OrderPart& part,
                              const SmallViolation& small);

}  // namespace squall
