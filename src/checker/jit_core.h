// Is there an order of these operations on one register that respects real time?
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "checker/checker.h"
#include "checker/models/register.h"
#include "checker/order_part.h"

namespace squall {

struct JitProblem {
  std::span<const RegisterOp> ops;  // in any order; intervals are closed
  State state_count = 0;            // every state is below it
  std::span<const State> initial;   // one, or all that it may have been
  // Look ahead to who still reads a value.  Quicker; without it, `stuck` is the first operation
  // that cannot be placed, which explains better.
  bool is_looking_ahead = true;
};

// Holds a copy of what it needs.
[[nodiscard]] std::unique_ptr<SearchTask> make_search(const JitProblem& problem, SearchKind kind);

// Breadth first, to the end or to a limit.
[[nodiscard]] OrderOutcome linearize(const JitProblem& problem, const Budget& budget);

}  // namespace squall
