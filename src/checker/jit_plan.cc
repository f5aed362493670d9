// Preparing a search for an order: see jit_plan.h.
#include "checker/jit_plan.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace squall {
namespace {

constexpr std::uint32_t kMaxInClass = 127;  // a counter has seven bits
constexpr std::int64_t kNobody = std::numeric_limits<std::int64_t>::min();

// Until when somebody may see each state, and until when somebody may see that it is another.
struct Observers {
  std::vector<std::int64_t> last;  // per state
  std::int64_t last_differs = kNobody;

  void add(const RegisterOp& op) {
    if (needs_from(op.call)) last[op.from] = std::max(last[op.from], op.returned);
    if (op.call == RegisterCall::kDiffers) last_differs = std::max(last_differs, op.returned);
  }
  [[nodiscard]] std::int64_t until(State state) const {
    return std::max(last[state], last_differs);
  }
};

// A crashed operation whose result nobody can see is left out.  A crashed compare-and-set that
// stays sees its `from` in turn, hence the loop until nothing more is added.
std::vector<char> find_useful(const JitProblem& problem, Observers& observers) {
  std::vector<char> is_useful(problem.ops.size(), 0);
  std::vector<std::size_t> undecided;
  for (std::size_t i = 0; i < problem.ops.size(); ++i) {
    if (!is_crashed(problem.ops[i])) {
      observers.add(problem.ops[i]);
    } else if (!is_pure(problem.ops[i].call)) {
      undecided.push_back(i);
    }
  }
  bool is_changed = true;
  while (is_changed) {
    is_changed = false;
    std::vector<std::size_t> rest;
    for (const std::size_t i : undecided) {
      const RegisterOp& op = problem.ops[i];
      if (observers.until(op.to) < op.called) {
        rest.push_back(i);
        continue;
      }
      is_useful[i] = 1;
      is_changed = is_changed || op.call == RegisterCall::kCas;
      observers.add(op);
    }
    undecided = std::move(rest);
  }
  return is_useful;
}

void group_crashed(const JitProblem& problem, const std::vector<char>& is_useful,
                   const Observers& observers, JitPlan& plan) {
  std::map<std::tuple<RegisterCall, State, State>, std::uint32_t> open;
  for (std::size_t i = 0; i < problem.ops.size(); ++i) {
    if (is_useful[i] == 0) continue;
    const RegisterOp& op = problem.ops[i];
    const State from = op.call == RegisterCall::kWrite ? 0 : op.from;
    const auto [it, is_new] = open.try_emplace({op.call, from, op.to}, 0);
    if (is_new || plan.classes[it->second].total == kMaxInClass) {
      it->second = static_cast<std::uint32_t>(plan.classes.size());
      plan.classes.push_back({op, observers.until(op.to), 0});
    }
    ++plan.classes[it->second].total;
    plan.class_of[i] = it->second;
  }
}

void order_events(const JitProblem& problem, JitPlan& plan) {
  for (std::size_t i = 0; i < problem.ops.size(); ++i) {
    const RegisterOp& op = problem.ops[i];
    if (is_crashed(op) && plan.class_of[i] == kNoSlot) continue;
    const auto index = static_cast<std::uint32_t>(i);
    plan.events.push_back({op.called, index, false});
    if (!is_crashed(op)) plan.events.push_back({std::max(op.called, op.returned), index, true});
  }
  // Intervals are closed: at one instant, calls come before returns.
  std::sort(plan.events.begin(), plan.events.end(), [](const JitEvent& a, const JitEvent& b) {
    return std::tie(a.at, a.is_return, a.op) < std::tie(b.at, b.is_return, b.op);
  });
}

void assign_slots(const JitProblem& problem, JitPlan& plan) {
  std::vector<std::uint32_t> free;
  for (const JitEvent& event : plan.events) {
    if (is_crashed(problem.ops[event.op])) continue;
    if (event.is_return) {
      free.push_back(plan.slot[event.op]);
    } else if (free.empty()) {
      plan.slot[event.op] = static_cast<std::uint32_t>(plan.slots++);
    } else {
      plan.slot[event.op] = free.back();
      free.pop_back();
    }
  }
}

}  // namespace

JitPlan make_plan(const JitProblem& problem) {
  JitPlan plan;
  const std::size_t count = problem.ops.size();
  plan.slot.assign(count, kNoSlot);
  plan.class_of.assign(count, kNoSlot);
  plan.is_unread.assign(count, 0);
  plan.events.reserve(2 * count);
  Observers observers{std::vector<std::int64_t>(problem.state_count, kNobody)};
  const std::vector<char> is_useful = find_useful(problem, observers);
  group_crashed(problem, is_useful, observers, plan);
  for (std::size_t i = 0; i < count; ++i) {
    const RegisterOp& op = problem.ops[i];
    plan.is_unread[i] =
        op.call == RegisterCall::kWrite && !is_crashed(op) && observers.until(op.to) < op.called;
  }
  order_events(problem, plan);
  assign_slots(problem, plan);
  return plan;
}

}  // namespace squall
