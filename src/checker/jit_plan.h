// What can be decided before the search: which crashed operations matter and in which classes,
// which writes nobody can read, the slots of the operations under way, the events in order.
#pragma once

#include <cstdint>
#include <vector>

#include "checker/jit_core.h"

namespace squall {

inline constexpr std::uint32_t kNoSlot = 0xffff'ffffU;

struct JitEvent {
  std::int64_t at = 0;
  std::uint32_t op = 0;  // index into the problem's operations
  bool is_return = false;
};

// Crashed operations that do the same and so need not be told apart; 127 at most.
struct CrashedClass {
  RegisterOp op;                  // any one of them
  std::int64_t useful_until = 0;  // after that nobody can have seen it
  std::uint32_t total = 0;
};

struct JitPlan {
  std::vector<JitEvent> events;
  std::vector<std::uint32_t> slot;      // per operation; kNoSlot: crashed
  std::vector<std::uint32_t> class_of;  // per operation; kNoSlot: not crashed, or left out
  std::vector<char> is_unread;          // per operation: a write that nobody can read
  std::vector<CrashedClass> classes;
  std::size_t slots = 0;  // the most operations under way at once
};

[[nodiscard]] JitPlan make_plan(const JitProblem& problem);

}  // namespace squall
