// A binary heap over slots that keep their memory.
#include "kernel/packet_queue.h"

#include <algorithm>
#include <functional>

#include "base/check.h"

namespace squall {
namespace {

// So many slots stay when the queue runs empty; those of a burst are given back.
constexpr std::size_t kKeptSlots = 4096;

// With what a slot and its entry take.
std::size_t cost_of(PacketView packet) {
  constexpr std::size_t kSlotCost = 128;
  return packet.size() + kSlotCost;
}

}  // namespace

bool PacketQueue::push(PacketView packet, MonoTime due) {
  if (bytes_ + cost_of(packet) > bytes_max_) return false;
  if (heap_.empty() && slots_.size() > kKeptSlots) {
    slots_.clear();
    free_.clear();
  }
  if (free_.empty()) {
    free_.push_back(slots_.size());
    slots_.emplace_back();
  }
  const std::size_t slot = free_.back();
  free_.pop_back();
  slots_[slot].assign(packet.begin(), packet.end());
  bytes_ += cost_of(packet);
  heap_.push_back({.due = due, .number = arrivals_++, .slot = slot});
  std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  return true;
}

std::optional<MonoTime> PacketQueue::next_due() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().due;
}

PacketQueue::First PacketQueue::first() const {
  CHECK(!heap_.empty());
  return {.packet = slots_[heap_.front().slot], .due = heap_.front().due};
}

void PacketQueue::pop() {
  CHECK(!heap_.empty());
  std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
  bytes_ -= cost_of(slots_[heap_.back().slot]);
  free_.push_back(heap_.back().slot);
  heap_.pop_back();
}

}  // namespace squall
