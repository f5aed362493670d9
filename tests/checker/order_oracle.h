// The definition of linearizability, word for word, for any model: try every order.  Only for a
// handful of operations; it shares nothing with the checkers that it judges.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "history/history.h"

namespace squall::test {

struct Interval {
  std::int64_t called = 0;
  std::int64_t returned = kNever;  // kNever: crashed; may be placed or not
};

// step(state, i): the state after operation i, or nothing where it is impossible.
template <typename State, typename Step>
class OrderOracle {
 public:
  OrderOracle(std::vector<Interval> ops, Step step)
      : ops_(std::move(ops)), step_(step), is_placed_(ops_.size(), false) {}

  [[nodiscard]] bool has_order(const State& state) {
    bool is_complete = true;
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      is_complete = is_complete && (is_placed_[i] || ops_[i].returned == kNever);
    }
    if (is_complete) return true;
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      if (is_placed_[i] || is_too_early(i)) continue;
      const std::optional<State> next = step_(state, i);
      if (!next) continue;
      is_placed_[i] = true;
      const bool found = has_order(*next);
      is_placed_[i] = false;
      if (found) return true;
    }
    return false;
  }

 private:
  // Somebody who had returned before has not been placed.
  [[nodiscard]] bool is_too_early(std::size_t i) const {
    for (std::size_t j = 0; j < ops_.size(); ++j) {
      if (!is_placed_[j] && ops_[j].returned < ops_[i].called) return true;
    }
    return false;
  }

  std::vector<Interval> ops_;
  Step step_;
  std::vector<bool> is_placed_;
};

template <typename State, typename Step>
[[nodiscard]] bool has_order(std::vector<Interval> ops, const State& initial, Step step) {
  return OrderOracle<State, Step>(std::move(ops), step).has_order(initial);
}

}  // namespace squall::test
