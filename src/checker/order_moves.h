// The moves of a search for an order, whatever the object: given a configuration and the operation
// that is about to return, every operation that may be placed next.
//
// Operations are placed only when a return forces it (G. Lowe, "Testing for linearizability",
// 2017).  A configuration says of each operation under way whether it is
//   owed  not placed, and it must be before it returns;
//   used  placed, and it changed the state;
//   free  neither: a later operation has set the state whatever it was (an absolute one), so this
//         one can be hidden just before that, or still be placed if somebody needs it.
// So an operation without effect is owed until the state allows it, and is placed then: that only
// removes obligations.  Fewer owed and fewer used is never worse, which is what ConfigSet knows.
// One that is free when it returns may go either way: be hidden, or be placed now and set the
// state.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <vector>

#include "checker/config_set.h"
#include "checker/timeline.h"

namespace squall {

template <class R>
concept OrderRules = requires(R rules, State state, CallId call, std::uint32_t slot, int delta,
                              bool flag, std::uint64_t* bits, const std::uint64_t* seen) {
  { rules.step(state, call) } -> std::same_as<State>;  // kImpossible: not in this state
  rules.set_under_way(slot, call, flag);               // an operation begins or ends
  rules.to_come(call, delta);                          // how many are not called yet
  rules.crashed_to_come(call, delta);                  // how many may happen at any time
  rules.settle(state, bits);  // clears the owed pure operations that are possible in this state
  // Does being in `state` help anybody who is owed, or lead anywhere but to an absolute operation?
  { rules.is_gainful(state, seen, seen) } -> std::same_as<bool>;
  // Can anybody, now or later, tell that this call was the last one?  Absolute calls only.
  { rules.is_of_use(call) } -> std::same_as<bool>;
  // Does somebody who is owed or to come need `state`, which nobody can make again?
  { rules.is_lost(state, seen, seen) } -> std::same_as<bool>;
  // The same, and it is not somebody who would leave it.
  { rules.has_to_stay(state, seen, seen) } -> std::same_as<bool>;
  { rules.bytes() } -> std::same_as<std::uint64_t>;
};

inline bool has_slot(const std::uint64_t* bits, std::uint32_t slot) {
  return ((bits[slot / 64] >> (slot % 64)) & 1U) != 0;
}
inline void set_slot(std::uint64_t* bits, std::uint32_t slot) {
  bits[slot / 64] |= std::uint64_t{1} << (slot % 64);
}
inline void clear_slot(std::uint64_t* bits, std::uint32_t slot) {
  bits[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
}
[[nodiscard]] inline State state_of(const std::uint64_t* config) {
  return static_cast<State>(config[0] & kStateBits);
}
[[nodiscard]] inline std::size_t level_of(const std::uint64_t* config) {
  return static_cast<std::size_t>(config[0] >> 32U);
}

[[nodiscard]] inline ConfigShape shape_for(const OrderPlan& plan, std::size_t place_words) {
  return {std::max<std::size_t>(1, (plan.slots + 63) / 64), (plan.classes.size() + 7) / 8,
          place_words};
}

template <OrderRules Rules>
class OrderMoves {
 public:
  OrderMoves(const OrderProblem& problem, const OrderPlan& plan, ConfigShape shape, Rules& rules)
      : problem_(problem),
        shape_(shape),
        timeline_(problem, plan),
        rules_(rules),
        parent_(shape.words(), 0),
        child_(shape.words(), 0) {
    timeline_.start(rules_);
  }

  [[nodiscard]] const Timeline& timeline() const { return timeline_; }
  void forward() { timeline_.forward(rules_); }
  void back() { timeline_.back(rules_); }
  void settle(std::uint64_t* config) { rules_.settle(state_of(config), config + shape_.owed()); }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  [[nodiscard]] std::uint64_t bytes() const { return rules_.bytes(); }

  // At its return: it has to be placed …
  [[nodiscard]] bool is_owed(const std::uint64_t* config, std::uint32_t slot) const {
    return has_slot(config + shape_.owed(), slot);
  }
  // … or it need not, but may.
  [[nodiscard]] bool is_open(const std::uint64_t* config, std::uint32_t slot) {
    if (!has_slot(timeline_.mutators(), slot) || has_slot(config + shape_.used(), slot)) {
      return false;
    }
    const CallId call = timeline_.call_in(slot);
    return !problem_.calls[call].is_absolute || rules_.is_of_use(call);
  }
  [[nodiscard]] std::uint32_t count(const std::uint64_t* config, std::size_t c) const {
    return (config[shape_.counters() + c / 8] >> (c % 8 * 8)) & 0xffU;
  }
  // Calls sink(child) for every configuration that placing one operation leads to, if that can be
  // of use; the operation in `returning` is owed or open in `config`.
  template <class Sink>
  void expand(const std::uint64_t* config, std::uint32_t returning, Sink&& sink) {
    // A copy, because adding children moves the storage of whoever called.
    std::copy(config, config + shape_.words(), parent_.begin());
    const std::uint64_t* used = &parent_[shape_.used()];
    const std::uint64_t* owed = &parent_[shape_.owed()];
    if (problem_.is_looking_ahead && rules_.has_to_stay(state_of(config), used, owed)) return;
    for (std::size_t i = 0; i < shape_.mask_words; ++i) {
      for (std::uint64_t rest = timeline_.mutators()[i] & ~used[i]; rest != 0; rest &= rest - 1) {
        const auto slot =
            static_cast<std::uint32_t>(i * 64) + static_cast<std::uint32_t>(std::countr_zero(rest));
        if (!timeline_.is_to_wait(slot, used, owed)) {
          place({timeline_.call_in(slot), slot, 0, slot == returning}, sink);
        }
      }
    }
    const auto& classes = timeline_.plan().classes;
    for (std::size_t c = timeline_.first_class(); c < classes.size(); ++c) {
      if (count(parent_.data(), c) >= timeline_.called(c)) continue;
      const CallInfo& call = problem_.calls[classes[c].call];
      for (const CallId other : call.alternatives) place({other, kNoSlot, c, false}, sink);
      if (call.alternatives.empty()) place({classes[c].call, kNoSlot, c, false}, sink);
    }
  }

 private:
  struct Move {
    CallId call;
    std::uint32_t slot;  // kNoSlot: a crashed one of crashed_class
    std::size_t crashed_class;
    bool is_returning;
  };

  template <class Sink>
  void place(const Move& move, Sink&& sink) {
    const State from = state_of(parent_.data());
    const State to = rules_.step(from, move.call);
    if (to == kImpossible) return;
    const bool is_crashed = move.slot == kNoSlot;
    if (is_crashed && to == from) return;  // changes nothing: not worth an operation
    const std::uint64_t* used = &parent_[shape_.used()];
    const std::uint64_t* owed = &parent_[shape_.owed()];
    const CallInfo& call = problem_.calls[move.call];
    // Whoever helps nobody now is placed when it does.
    if (call.is_absolute && !move.is_returning && !rules_.is_gainful(to, used, owed)) return;
    ++steps_;
    std::copy(parent_.begin(), parent_.end(), child_.begin());
    child_[0] = (child_[0] & ~kStateBits) | to;
    if (is_crashed) {
      child_[0] += kOneLevel;
      child_[shape_.counters() + move.crashed_class / 8] += std::uint64_t{1}
                                                            << (move.crashed_class % 8 * 8);
    } else {
      set_slot(&child_[shape_.used()], move.slot);
      clear_slot(&child_[shape_.owed()], move.slot);
    }
    if (call.is_absolute) {
      for (std::size_t i = 0; i < shape_.mask_words; ++i) {
        child_[shape_.owed() + i] &= ~timeline_.freeable()[i];
      }
    }
    settle(child_.data());
    if (problem_.is_looking_ahead && from != to && is_left_for_good(from)) return;
    sink(child_.data());
  }
  [[nodiscard]] bool is_left_for_good(State left) const {
    return rules_.is_lost(left, &child_[shape_.used()], &child_[shape_.owed()]);
  }

  const OrderProblem& problem_;
  ConfigShape shape_;
  Timeline timeline_;
  Rules& rules_;
  std::vector<std::uint64_t> parent_;
  std::vector<std::uint64_t> child_;
  std::uint64_t steps_ = 0;
};

}  // namespace squall
