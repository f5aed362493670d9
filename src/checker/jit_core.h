// Is there an order of these operations on one register that respects real time?  Just-in-time
// linearization (G. Lowe, "Testing for linearizability", 2017): walk the events in time order and
// keep every configuration {state, who has taken effect, crashed operations used} that some order
// explains.  An operation is placed only when its return forces it.
//
// What keeps the set of configurations small:
//  - an operation without effect (a read) is placed as soon as the state allows it;
//  - a crashed operation whose effect nobody can have seen is left out; the others are grouped into
//    classes that do the same, counted instead of told apart, and a configuration that used fewer
//    of them dominates one that used more;
//  - of two operations under way that do the same, the one that returns earlier goes first;
//  - a write that nobody reads hides just before the next write;
//  - a configuration that has overwritten a value for good which somebody still reads is dropped.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "checker/checker.h"
#include "checker/models/register.h"

namespace squall {

struct JitProblem {
  std::span<const RegisterOp> ops;  // in any order; intervals are closed
  State state_count = 0;            // every state is below it
  std::span<const State> initial;   // one, or all that it may have been
  // Look ahead to who still reads a value.  Quicker; without it, `stuck` is the first operation
  // that cannot be placed, which explains better.
  bool is_looking_ahead = true;
};

struct JitOutcome {
  Answer answer = Answer::kUnknown;
  std::size_t stuck = 0;        // not kValid: the operation at whose return the search ended
  std::vector<State> possible;  // kViolated: what the register can have been there, ascending
  std::string resource;         // kUnknown: which limit, as text
  std::uint64_t steps = 0;
  std::uint64_t bytes = 0;           // at its widest
  std::uint64_t placed = 0;          // returns that were explained before the search ended
  std::vector<std::size_t> crashed;  // kUnknown: the crashed operations in play
};

// More operations under way at once than this are kUnknown.
inline constexpr std::size_t kMaxConcurrent = 512;

[[nodiscard]] JitOutcome linearize(const JitProblem& problem, const Budget& budget);

}  // namespace squall
