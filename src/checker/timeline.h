// A search's place in time: which operations are under way, of which calls, and what may still be
// told apart.  Moves both ways.
#pragma once

#include <cstdint>
#include <vector>

#include "checker/config_set.h"
#include "checker/jit_plan.h"
#include "checker/slot_sets.h"

namespace squall {

class Timeline {
 public:
  Timeline(const OrderProblem& problem, const OrderPlan& plan);

  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] bool is_over() const { return position_ == plan_.events.size(); }
  [[nodiscard]] const OrderEvent& event() const { return plan_.events[position_]; }
  [[nodiscard]] std::uint32_t slot(const OrderEvent& event) const { return plan_.slot[event.op]; }
  [[nodiscard]] CallId call_in(std::uint32_t slot) const {
    return problem_.ops[op_in_slot_[slot]].call;
  }
  [[nodiscard]] const OrderPlan& plan() const { return plan_; }
  [[nodiscard]] const OrderProblem& problem() const { return problem_; }

  // Past event().  The rules hear of it.
  template <class Rules>
  void forward(Rules& rules) {
    const OrderEvent& event = plan_.events[position_++];
    step(event, true, rules);
    if (!event.is_return) return;
    while (retired_ < plan_.classes.size() && plan_.classes[retired_].useful_until < event.at) {
      rules.crashed_to_come(plan_.classes[retired_].call, -total(retired_));
      ++retired_;
    }
  }
  // Back over the event before.
  template <class Rules>
  void back(Rules& rules) {
    const OrderEvent& event = plan_.events[--position_];
    step(event, false, rules);
    if (!event.is_return) return;
    const std::size_t before = retired_before(position_);
    for (; retired_ > before; --retired_) {
      rules.crashed_to_come(plan_.classes[retired_ - 1].call, total(retired_ - 1));
    }
  }
  template <class Rules>
  void start(Rules& rules) const {
    for (std::size_t i = 0; i < problem_.ops.size(); ++i) {
      if (!is_crashed(problem_.ops[i])) rules.to_come(problem_.ops[i].call, +1);
    }
    for (std::size_t c = 0; c < plan_.classes.size(); ++c) {
      rules.crashed_to_come(plan_.classes[c].call, total(c));
    }
  }

  // Slots under way of operations that change something; of those, the ones that are total.
  [[nodiscard]] const std::uint64_t* mutators() const { return kinds_.of(0); }
  [[nodiscard]] const std::uint64_t* freeable() const { return kinds_.of(1); }
  // Some other one that does the same and returns earlier is to go first.
  [[nodiscard]] bool is_to_wait(std::uint32_t slot, const std::uint64_t* used,
                                const std::uint64_t* owed) const;
  // Crashed classes that still matter begin here …
  [[nodiscard]] std::size_t first_class() const { return retired_; }
  // … and so many of each have been called by now.
  [[nodiscard]] std::uint32_t called(std::size_t c) const { return called_[c]; }

 private:
  [[nodiscard]] int total(std::size_t c) const { return static_cast<int>(plan_.classes[c].total); }
  [[nodiscard]] std::size_t retired_before(std::size_t position) const;
  template <class Rules>
  void step(const OrderEvent& event, bool is_forward, Rules& rules) {
    const OrderOp& op = problem_.ops[event.op];
    if (is_crashed(op)) {
      called_[plan_.class_of[event.op]] += is_forward ? 1U : ~0U;
      return;
    }
    const std::uint32_t slot = plan_.slot[event.op];
    const bool is_beginning = event.is_return != is_forward;
    if (is_beginning) op_in_slot_[slot] = event.op;
    if (!event.is_return) rules.to_come(op.call, is_forward ? -1 : +1);
    rules.set_under_way(slot, op.call, is_beginning);
    set_under_way(slot, op, is_beginning);
  }
  void set_under_way(std::uint32_t slot, const OrderOp& op, bool is_under_way);
  void rank(std::uint32_t slot, const OrderOp& op);

  const OrderProblem& problem_;
  const OrderPlan& plan_;
  std::size_t position_ = 0;
  std::size_t retired_ = 0;
  std::vector<std::uint32_t> called_;  // per class
  std::vector<std::uint32_t> op_in_slot_;
  std::vector<std::uint32_t> same_under_way_;  // per call, those that change something
  std::size_t mask_words_;
  SlotSets kinds_;
  SlotSets twins_;  // per slot: those under way that do the same and return earlier
};

}  // namespace squall
