// Is there an order of these operations that respects real time and that a sequential object could
// have answered in?  The question and its answer, for whatever object: what the object does is in
// rules (register_rules.h, state_space.h), how the order is found in order_search.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "checker/verdict.h"
#include "history/history.h"

namespace squall {

// States and calls are dense numbers; what they stand for is the rules' business.  Two operations
// with the same call do the same.
using State = std::uint32_t;
using CallId = std::uint32_t;
inline constexpr State kImpossible = 0xffff'ffffU;

struct OrderOp {
  std::int64_t called = 0;
  std::int64_t returned = kNever;  // kNever: crashed; it may take effect at any time, or never
  CallId call = 0;
  OpIndex op = 0;  // its number in the history
};
[[nodiscard]] constexpr bool is_crashed(const OrderOp& op) {
  return op.returned == kNever;
}

// What is known of a call whatever the state.
struct CallInfo {
  bool is_pure = false;      // never changes the state
  bool is_total = false;     // possible in every state
  bool is_absolute = false;  // total, and the state after it does not depend on the one before
  // After that nobody can have seen whether it happened: a crashed one need not be told apart then.
  std::int64_t useful_until = kNever;
  // Not empty: what nobody knows of a crashed call; each of these may have happened in its place.
  std::vector<CallId> alternatives{};
};

struct OrderProblem {
  std::span<const OrderOp> ops;      // in any order; intervals are closed
  std::span<const CallInfo> calls;   // by call id
  std::span<const State> initial{};  // one, or all that it may have been
  // Look ahead to who still needs a state, where the rules know.  Quicker; without it, `stuck` is
  // the first operation that cannot be placed, which explains better.
  bool is_looking_ahead = true;
  // Times at which to note in which states the object may have been (ascending).
  std::span<const std::int64_t> cuts{};
};

struct OrderOutcome {
  Answer answer = Answer::kUnknown;
  std::size_t stuck = 0;        // not kValid: the operation at whose return the search ended
  std::vector<State> possible;  // kViolated: the states that were possible there, ascending
  std::string resource;         // kUnknown: which limit, as text
  std::uint64_t steps = 0;
  std::uint64_t bytes = 0;                  // at its widest
  std::uint64_t placed = 0;                 // returns that were explained before the search ended
  std::vector<std::size_t> crashed;         // kUnknown: the crashed operations in play
  std::vector<std::vector<State>> at_cuts;  // as far as the search got
  // kViolated without a search: a few operations that have no order even without all others.
  std::vector<std::size_t> core{};
};

// How far a search may go before it pauses or ends.
struct SearchLimits {
  std::uint64_t steps = 0;
  std::uint64_t memory = 0;
};

// More operations under way at once than this are kUnknown.
inline constexpr std::size_t kMaxConcurrent = 512;

}  // namespace squall
