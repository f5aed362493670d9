// The rival of the breadth-first search: follow one order as far as it goes, remember where it has
// been, and come back (Wing and Gong 1993, with Lowe's memory).  Quick where many orders work and
// any will do, as with many crashed operations; its memory grows with the history.
#pragma once

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "checker/order_moves.h"
#include "checker/search_task.h"

namespace squall {

template <OrderRules Rules>
class DepthSearch final : public SearchTask {
 public:
  DepthSearch(const OrderProblem& problem, const OrderPlan& plan, Rules& rules)
      : plan_(plan),
        shape_(shape_for(plan, 1)),
        moves_(problem, plan, shape_, rules),
        seen_(shape_) {
    std::vector<std::uint64_t> config(shape_.words(), 0);
    for (const State state : problem.initial) {
      config[0] = state;
      push(config.data());
    }
  }

  bool run(const SearchLimits& limits, const std::atomic<bool>* is_cancelled) override {
    while (!has_order_ && !stack_.empty()) {
      const bool is_cancelled_now =
          is_cancelled != nullptr && is_cancelled->load(std::memory_order_relaxed);
      if (moves_.steps() > limits.steps || bytes() > limits.memory || is_cancelled_now) {
        return false;
      }
      pop();
      has_order_ = follow();
    }
    return true;
  }

  [[nodiscard]] OrderOutcome outcome() const override {
    OrderOutcome outcome;
    outcome.steps = moves_.steps();
    outcome.bytes = bytes();
    if (has_order_) {
      outcome.answer = Answer::kValid;
      return outcome;
    }
    if (stack_.empty()) outcome.answer = Answer::kViolated;
    outcome.stuck = deepest_ < plan_.events.size() ? plan_.events[deepest_].op : 0;
    return outcome;
  }

 private:
  void push(const std::uint64_t* config) {
    stack_.insert(stack_.end(), config, config + shape_.words());
  }
  void pop() {
    config_.assign(stack_.end() - static_cast<std::ptrdiff_t>(shape_.words()), stack_.end());
    stack_.resize(stack_.size() - shape_.words());
    const std::uint64_t place = config_[shape_.place()];
    while (moves_.timeline().position() > place) moves_.back();
    while (moves_.timeline().position() < place) moves_.forward();
  }

  // As far as nothing has to be placed; then puts what may be placed on the stack.
  bool follow() {
    const Timeline& timeline = moves_.timeline();
    for (; !timeline.is_over(); moves_.forward()) {
      const OrderEvent& event = timeline.event();
      const std::uint32_t slot = timeline.slot(event);
      if (!event.is_return) {
        if (slot != kNoSlot) set_slot(&config_[shape_.owed()], slot);
        continue;
      }
      moves_.settle(config_.data());
      if (moves_.is_owed(config_.data(), slot) || moves_.is_open(config_.data(), slot)) {
        deepest_ = std::max(deepest_, timeline.position());
        branch(slot);
        return false;
      }
      clear_slot(&config_[shape_.used()], slot);
    }
    return true;
  }

  void branch(std::uint32_t slot) {
    config_[shape_.place()] = moves_.timeline().position();
    if (seen_.insert(config_.data()) == ConfigSet::kNone) return;
    children_.clear();
    order_.clear();
    const auto note = [&](const std::uint64_t* child) {
      const bool is_owed = moves_.is_owed(child, slot);
      order_.push_back({is_owed, level_of(child), children_.size()});
      children_.insert(children_.end(), child, child + shape_.words());
    };
    moves_.expand(config_.data(), slot, note);
    if (!moves_.is_owed(config_.data(), slot)) {
      set_slot(&config_[shape_.used()], slot);  // hidden: it is not to be placed any more
      note(config_.data());
    }
    // The last one pushed is followed first: the one that fits, with the fewest crashed operations.
    std::sort(order_.begin(), order_.end(), [](const Rank& a, const Rank& b) {
      return std::tie(a.is_owed, a.level, a.at) > std::tie(b.is_owed, b.level, b.at);
    });
    for (const Rank& rank : order_) push(&children_[rank.at]);
  }

  [[nodiscard]] std::uint64_t bytes() const {
    return seen_.bytes() + stack_.capacity() * sizeof(std::uint64_t) + moves_.bytes();
  }

  struct Rank {
    bool is_owed;
    std::size_t level;
    std::size_t at;
  };
  const OrderPlan& plan_;
  ConfigShape shape_;
  OrderMoves<Rules> moves_;
  ConfigSet seen_;
  std::vector<std::uint64_t> stack_;
  std::vector<std::uint64_t> config_;
  std::vector<std::uint64_t> children_;
  std::vector<Rank> order_;
  std::size_t deepest_ = 0;
  bool has_order_ = false;
};

}  // namespace squall
