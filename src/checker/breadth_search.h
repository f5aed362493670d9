// Just-in-time linearization: walk the returns in time order and keep every configuration that some
// order explains.  Memory is that of the widest moment, whatever the length of the history.
#pragma once

#include <algorithm>
#include <vector>

#include "checker/order_moves.h"
#include "checker/search_task.h"

namespace squall {

template <OrderRules Rules>
class BreadthSearch final : public SearchTask {
 public:
  // All three must outlive it.
  BreadthSearch(const OrderProblem& problem, const OrderPlan& plan, Rules& rules)
      : problem_(problem),
        plan_(plan),
        shape_(shape_for(plan, 0)),
        moves_(problem, plan, shape_, rules),
        set_(shape_),
        fresh_(shape_.mask_words, 0) {
    std::vector<std::uint64_t> config(shape_.words(), 0);
    for (const State state : problem.initial) {
      config[0] = state;
      frontier_.insert(frontier_.end(), config.begin(), config.end());
    }
  }

  bool run(const SearchLimits& limits, const std::atomic<bool>* is_cancelled) override {
    limits_ = limits;
    is_cancelled_ = is_cancelled;
    while (!moves_.timeline().is_over()) {
      if (!is_searching_) {
        note_cuts(moves_.timeline().event().at);
        if (step_without_search()) continue;
        is_searching_ = true;
      }
      if (!search()) return false;
      is_searching_ = false;
      if (!end_search()) return is_stuck_ = true;
    }
    return true;
  }

  [[nodiscard]] OrderOutcome outcome() const override {
    OrderOutcome outcome;
    outcome.steps = moves_.steps();
    outcome.bytes = std::max(widest_, bytes());
    outcome.placed = placed_;
    outcome.at_cuts = at_cuts_;
    if (is_stuck_) {
      outcome.answer = Answer::kViolated;
      for (std::uint32_t i = 0; i < set_.size(); ++i) {
        outcome.possible.push_back(state_of(set_.at(i)));
      }
      sort_unique(outcome.possible);
    } else if (moves_.timeline().is_over()) {
      outcome.answer = Answer::kValid;
      return outcome;
    }
    outcome.stuck = moves_.timeline().event().op;
    if (!is_stuck_) note_crashed(outcome);
    return outcome;
  }

 private:
  static void sort_unique(std::vector<State>& states) {
    std::sort(states.begin(), states.end());
    states.erase(std::unique(states.begin(), states.end()), states.end());
  }

  void note_crashed(OrderOutcome& outcome) const {
    const std::int64_t now = moves_.timeline().event().at;
    for (std::size_t i = 0; i < problem_.ops.size(); ++i) {
      const std::uint32_t c = plan_.class_of[i];
      const bool is_in_play = c != kNoSlot && c >= moves_.timeline().first_class();
      if (is_in_play && problem_.ops[i].called <= now) outcome.crashed.push_back(i);
    }
  }

  void note_cuts(std::int64_t now) {
    while (at_cuts_.size() < problem_.cuts.size() && problem_.cuts[at_cuts_.size()] <= now) {
      std::vector<State> states;
      for (std::size_t at = 0; at < frontier_.size(); at += shape_.words()) {
        states.push_back(state_of(&frontier_[at]));
      }
      sort_unique(states);
      at_cuts_.push_back(std::move(states));
    }
  }

  // Calls, and returns of what has been placed in every configuration already: the common case.
  bool step_without_search() {
    const OrderEvent& event = moves_.timeline().event();
    const std::uint32_t slot = moves_.timeline().slot(event);
    if (!event.is_return) {
      if (slot != kNoSlot) set_slot(fresh_.data(), slot);
      moves_.forward();
      return true;
    }
    bool is_placed_everywhere = true;
    for (std::size_t at = 0; at < frontier_.size(); at += shape_.words()) {
      std::uint64_t* config = &frontier_[at];
      for (std::size_t i = 0; i < shape_.mask_words; ++i) config[shape_.owed() + i] |= fresh_[i];
      moves_.settle(config);
      is_placed_everywhere =
          is_placed_everywhere && !moves_.is_owed(config, slot) && !moves_.is_open(config, slot);
    }
    std::fill(fresh_.begin(), fresh_.end(), 0);
    if (!is_placed_everywhere) {
      begin_search(slot);
      return false;
    }
    for (std::size_t at = 0; at < frontier_.size(); at += shape_.words()) {
      clear_slot(&frontier_[at + shape_.used()], slot);
    }
    leave_return();
    return true;
  }

  void begin_search(std::uint32_t slot) {
    clear_set();
    for (auto& level : levels_) level.clear();
    level_ = 0;
    next_in_level_ = 0;
    for (std::size_t at = 0; at < frontier_.size(); at += shape_.words()) {
      add(&frontier_[at], slot);
    }
  }

  void clear_set() {
    set_.clear();
    std::vector<std::uint64_t> exact(shape_.mask_words, 0);
    for (std::size_t i = 0; i < shape_.mask_words; ++i) {
      exact[i] = moves_.timeline().mutators()[i] & ~moves_.timeline().freeable()[i];
    }
    set_.set_exact(std::move(exact));
  }

  void add(const std::uint64_t* config, std::uint32_t slot) {
    const std::uint32_t index = set_.insert(config);
    if (index == ConfigSet::kNone) return;
    if (!moves_.is_owed(config, slot) && !moves_.is_open(config, slot)) return;
    const std::size_t level = level_of(config);
    if (levels_.size() <= level) levels_.resize(level + 1);
    levels_[level].push_back(index);
  }

  // Those that used fewer crashed operations first, because they may dominate the others.
  bool search() {
    const std::uint32_t slot = moves_.timeline().slot(moves_.timeline().event());
    for (; level_ < levels_.size(); ++level_, next_in_level_ = 0) {
      for (; next_in_level_ < levels_[level_].size(); ++next_in_level_) {
        if (is_at_limit()) return false;
        const std::uint32_t index = levels_[level_][next_in_level_];
        if (set_.is_dominated(index)) continue;
        moves_.expand(set_.at(index), slot, [&](const std::uint64_t* child) { add(child, slot); });
      }
    }
    return true;
  }

  bool end_search() {
    const std::uint32_t slot = moves_.timeline().slot(moves_.timeline().event());
    widest_ = std::max(widest_, bytes());
    std::vector<std::uint64_t>& next = frontier_;
    next.clear();
    for (std::uint32_t i = 0; i < set_.size(); ++i) {
      const std::uint64_t* config = set_.at(i);
      if (set_.is_dominated(i) || moves_.is_owed(config, slot)) continue;
      next.insert(next.end(), config, config + shape_.words());
      clear_slot(&next[next.size() - shape_.words() + shape_.used()], slot);
    }
    if (next.empty()) return false;
    leave_return();
    return true;
  }

  void leave_return() {
    ++placed_;
    const std::size_t before = moves_.timeline().first_class();
    moves_.forward();
    if (moves_.timeline().first_class() != before) forget(before);
  }

  // What nobody can have seen any more need not be told apart any more: forget who used it.
  void forget(std::size_t from) {
    clear_set();
    for (std::size_t at = 0; at < frontier_.size(); at += shape_.words()) {
      for (std::size_t c = from; c < moves_.timeline().first_class(); ++c) {
        const std::uint64_t count = moves_.count(&frontier_[at], c);
        frontier_[at] -= count * kOneLevel;
        frontier_[at + shape_.counters() + c / 8] -= count << (c % 8 * 8);
      }
      set_.insert(&frontier_[at]);
    }
    frontier_.clear();
    for (std::uint32_t i = 0; i < set_.size(); ++i) {
      if (set_.is_dominated(i)) continue;
      frontier_.insert(frontier_.end(), set_.at(i), set_.at(i) + shape_.words());
    }
  }

  [[nodiscard]] std::uint64_t bytes() const {
    return set_.bytes() + frontier_.capacity() * sizeof(std::uint64_t) + moves_.bytes();
  }
  [[nodiscard]] bool is_at_limit() const {
    return moves_.steps() > limits_.steps || bytes() > limits_.memory ||
           (is_cancelled_ != nullptr && is_cancelled_->load(std::memory_order_relaxed));
  }

  const OrderProblem& problem_;
  const OrderPlan& plan_;
  ConfigShape shape_;
  OrderMoves<Rules> moves_;
  ConfigSet set_;
  std::vector<std::uint64_t> fresh_;  // called since the last return
  std::vector<std::uint64_t> frontier_;
  std::vector<std::vector<std::uint32_t>> levels_;  // to expand, by crashed operations used
  std::size_t level_ = 0;
  std::size_t next_in_level_ = 0;
  bool is_searching_ = false;
  bool is_stuck_ = false;
  std::uint64_t placed_ = 0;
  std::uint64_t widest_ = 0;
  std::vector<std::vector<State>> at_cuts_;
  SearchLimits limits_;
  const std::atomic<bool>* is_cancelled_ = nullptr;
};

}  // namespace squall
