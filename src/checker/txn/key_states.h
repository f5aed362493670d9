// What a transaction has done so far with each key it touched; forgotten at no cost when the next
// one begins.
#pragma once

#include <cstdint>
#include <vector>

#include "history/transactions.h"

namespace squall {

template <typename State>
class KeyStates {
 public:
  explicit KeyStates(std::size_t keys) : stamp_(keys, 0), place_(keys, 0) {}

  void begin() {
    ++now_;
    used_ = 0;
  }
  // A new state is the one that was used before, after reset().
  State& at(TxnKey key) {
    if (stamp_[key] != now_) {
      stamp_[key] = now_;
      place_[key] = static_cast<std::uint32_t>(used_);
      if (used_ == states_.size()) states_.emplace_back();
      states_[used_++].reset();
    }
    return states_[place_[key]];
  }

 private:
  std::vector<std::uint32_t> stamp_;
  std::vector<std::uint32_t> place_;
  std::vector<State> states_;
  std::size_t used_ = 0;
  std::uint32_t now_ = 0;
};

}  // namespace squall
