// Packets that wait for their time.  Pure: packets and times in, packets out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"

namespace squall {

using PacketView = std::span<const std::uint8_t>;

// Hands packets out in the order of their times; those of the same time in the order they came.
// The memory of a packet is used again for a later one.
class PacketQueue {
 public:
  // In bytes, with 128 for each packet's place.
  explicit PacketQueue(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // False: more bytes would wait than allowed, and the packet is not taken.
  [[nodiscard]] bool push(PacketView packet, MonoTime due);
  [[nodiscard]] std::optional<MonoTime> next_due() const;
  [[nodiscard]] std::size_t size() const { return heap_.size(); }
  [[nodiscard]] bool is_empty() const { return heap_.empty(); }

  // The first packet; the queue must not be empty.  Valid until the next push, also after pop().
  struct First {
    PacketView packet;
    MonoTime due;
  };
  [[nodiscard]] First first() const;
  void pop();

 private:
  struct Entry {
    MonoTime due;
    std::uint64_t number = 0;  // of its arrival
    std::size_t slot = 0;
    friend bool operator>(const Entry& a, const Entry& b) {
      return a.due != b.due ? a.due > b.due : a.number > b.number;
    }
  };

  std::vector<Entry> heap_;  // the first one on top
  std::vector<std::vector<std::uint8_t>> slots_;
  std::vector<std::size_t> free_;
  std::uint64_t arrivals_ = 0;
  std::size_t bytes_ = 0;
  std::size_t bytes_max_;
};

}  // namespace squall
