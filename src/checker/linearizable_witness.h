// Makes a violation small enough for a person: a few operations that no order explains.
#pragma once

#include <vector>

#include "checker/checker.h"
#include "checker/jit_core.h"
#include "checker/register_ops.h"

namespace squall {

// Operations of one register that have no order, such that the whole history can have none either:
// only what can be left out of every correct order is left out, namely operations without effect,
// changes whose result none of the others needs, and, when is_from_any_state, everything before a
// point in time (then no initial value helps).
struct SmallViolation {
  std::vector<RegisterOp> ops;  // in the order of their calls
  bool is_from_any_state = false;
  RegisterOp stuck;             // the first that cannot be placed
  std::vector<State> possible;  // what the register can have been there; empty: too many orders
};

// `reg` has been found to be violated.  Deterministic, bounded work.
[[nodiscard]] SmallViolation shrink(const KeyRegister& reg);

// "key k3: process 2 read 7 (operation 812), but only 9 was possible there; no order of these 4
// operations works"
[[nodiscard]] Witness explain(const History& history, const KeyRegister& reg,
                              const SmallViolation& small);

}  // namespace squall
