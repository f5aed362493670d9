// Preparing a search for an order: see jit_plan.h.
#include "checker/jit_plan.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <tuple>

namespace squall {
namespace {

constexpr std::uint32_t kMaxInClass = 127;  // a counter has seven bits

bool is_left_out(const OrderProblem& problem, const OrderOp& op) {
  const CallInfo& call = problem.calls[op.call];
  return is_crashed(op) && (call.is_pure || call.useful_until < op.called);
}

void group_crashed(const OrderProblem& problem, OrderPlan& plan) {
  std::vector<std::uint32_t> open(problem.calls.size(), kNoSlot);
  for (std::size_t i = 0; i < problem.ops.size(); ++i) {
    const OrderOp& op = problem.ops[i];
    if (!is_crashed(op) || is_left_out(problem, op)) continue;
    std::uint32_t& last = open[op.call];
    if (last == kNoSlot || plan.classes[last].total == kMaxInClass) {
      last = static_cast<std::uint32_t>(plan.classes.size());
      plan.classes.push_back({op.call, problem.calls[op.call].useful_until, 0});
    }
    ++plan.classes[last].total;
    plan.class_of[i] = last;
  }
}

// Whoever is of no use first stands first: see Timeline.
void sort_classes(OrderPlan& plan) {
  std::vector<std::uint32_t> order(plan.classes.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return plan.classes[a].useful_until < plan.classes[b].useful_until;
  });
  std::vector<std::uint32_t> place(order.size());
  std::vector<CrashedClass> sorted;
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    place[order[i]] = i;
    sorted.push_back(plan.classes[order[i]]);
  }
  plan.classes = std::move(sorted);
  for (std::uint32_t& c : plan.class_of) c = c == kNoSlot ? kNoSlot : place[c];
}

std::vector<std::uint32_t> by_call(const OrderProblem& problem) {
  std::vector<std::uint32_t> order;
  order.reserve(problem.ops.size());
  for (std::uint32_t i = 0; i < problem.ops.size(); ++i) {
    if (!is_left_out(problem, problem.ops[i])) order.push_back(i);
  }
  const auto is_before = [&](std::uint32_t a, std::uint32_t b) {
    return std::tie(problem.ops[a].called, a) < std::tie(problem.ops[b].called, b);
  };
  if (!std::is_sorted(order.begin(), order.end(), is_before)) {
    std::sort(order.begin(), order.end(), is_before);
  }
  return order;
}

// Lays calls and returns in order and gives out slots, in one pass.
class EventMaker {
 public:
  EventMaker(const OrderProblem& problem, OrderPlan& plan) : problem_(problem), plan_(plan) {}

  void run() {
    plan_.events.reserve(2 * problem_.ops.size());
    for (const std::uint32_t i : by_call(problem_)) {
      const OrderOp& op = problem_.ops[i];
      // Intervals are closed: at one instant, calls come before returns.
      while (!under_way_.empty() && under_way_.top().first < op.called) end_first();
      plan_.events.push_back({op.called, i, false});
      if (is_crashed(op)) continue;
      take_slot(i);
      under_way_.emplace(std::max(op.called, op.returned), i);
    }
    while (!under_way_.empty()) end_first();
  }

 private:
  void take_slot(std::uint32_t i) {
    if (free_.empty()) {
      plan_.slot[i] = static_cast<std::uint32_t>(plan_.slots++);
      return;
    }
    plan_.slot[i] = free_.back();
    free_.pop_back();
  }
  void end_first() {
    const auto [at, i] = under_way_.top();
    under_way_.pop();
    plan_.events.push_back({at, i, true});
    free_.push_back(plan_.slot[i]);
  }

  using Return = std::pair<std::int64_t, std::uint32_t>;
  const OrderProblem& problem_;
  OrderPlan& plan_;
  std::priority_queue<Return, std::vector<Return>, std::greater<>> under_way_;
  std::vector<std::uint32_t> free_;
};

}  // namespace

OrderPlan make_plan(const OrderProblem& problem) {
  OrderPlan plan;
  plan.slot.assign(problem.ops.size(), kNoSlot);
  plan.class_of.assign(problem.ops.size(), kNoSlot);
  group_crashed(problem, plan);
  sort_classes(plan);
  EventMaker(problem, plan).run();
  return plan;
}

}  // namespace squall
