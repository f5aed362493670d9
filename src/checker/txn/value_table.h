// Values of one key → a number, cleared at no cost between keys.
#pragma once

#include <cstdint>
#include <vector>

#include "history/transactions.h"

namespace squall {

class ValueTable {
 public:
  static constexpr std::uint32_t kNone = 0xffff'ffffU;

  // Makes room for so many values.
  void clear(std::size_t values) {
    std::size_t size = 16;
    while (size < values * 2) size *= 2;
    mask_ = static_cast<std::uint32_t>(size - 1);
    if (size > slots_.size()) {
      slots_.assign(size, {});
      now_ = 0;
    }
    ++now_;
  }
  // The number that the value has now: `number`, or what it had before.
  std::uint32_t insert(TxnValue value, std::uint32_t number) {
    Slot& slot = slot_of(value);
    if (slot.stamp != now_) slot = {value, number, now_};
    return slot.number;
  }
  [[nodiscard]] std::uint32_t find(TxnValue value) {
    const Slot& slot = slot_of(value);
    return slot.stamp == now_ ? slot.number : kNone;
  }

 private:
  struct Slot {
    TxnValue value = 0;
    std::uint32_t number = 0;
    std::uint32_t stamp = 0;
  };
  Slot& slot_of(TxnValue value) {
    std::uint32_t at = (value * 2654435769U) >> 7U & mask_;
    while (slots_[at].stamp == now_ && slots_[at].value != value) at = (at + 1) & mask_;
    return slots_[at];
  }

  std::vector<Slot> slots_;
  std::uint32_t mask_ = 0;
  std::uint32_t now_ = 0;
};

}  // namespace squall
