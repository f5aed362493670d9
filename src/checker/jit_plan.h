// What can be decided before the search: which crashed operations matter and in which classes, the
// slots of the operations under way, the events in order.
#pragma once

#include <cstdint>
#include <vector>

#include "checker/order.h"

namespace squall {

inline constexpr std::uint32_t kNoSlot = 0xffff'ffffU;

struct OrderEvent {
  std::int64_t at = 0;
  std::uint32_t op = 0;  // index into the problem's operations
  bool is_return = false;
};

// Crashed operations that do the same and so need not be told apart; 127 at most.
struct CrashedClass {
  CallId call = 0;
  std::int64_t useful_until = 0;  // after that nobody can have seen it
  std::uint32_t total = 0;
};

struct OrderPlan {
  std::vector<OrderEvent> events;
  std::vector<std::uint32_t> slot;      // per operation; kNoSlot: crashed
  std::vector<std::uint32_t> class_of;  // per operation; kNoSlot: not crashed, or left out
  std::vector<CrashedClass> classes;    // in the order of useful_until
  std::size_t slots = 0;                // the most operations under way at once
};

[[nodiscard]] OrderPlan make_plan(const OrderProblem& problem);

}  // namespace squall
