// What the delay line knows: which two regions a packet travels between, and which packets are due.
// Pure: packets and times in, packets out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "arena/lab_plan.h"
#include "base/time.h"

namespace squall {

using PacketView = std::span<const std::uint8_t>;

// Recognises a packet's regions by its addresses, IPv4 and IPv6.
class RegionMap {
 public:
  explicit RegionMap(const LabPlan& plan);
  // Nothing: not an IP packet, or an address outside the lab.
  [[nodiscard]] std::optional<RegionPair> classify(PacketView packet) const;

 private:
  std::unordered_map<std::uint64_t, std::size_t> region_by_prefix_;
};

// At least twice what 100 000 packets/s for 300 ms need.
inline constexpr std::size_t kMaxQueuedPackets = 65536;
inline constexpr std::size_t kMaxQueuedBytes = std::size_t{128} << 20U;

// Holds packets for a fixed delay per pair.  One first-in-first-out queue per distinct delay: the
// packets of a pair never overtake each other.
class DelayQueues {
 public:
  explicit DelayQueues(const std::map<RegionPair, Duration>& delay);

  // False: the pair has no delay here, or the queue is full, and the packet is lost.
  [[nodiscard]] bool push(const RegionPair& pair, PacketView packet, MonoTime now);
  [[nodiscard]] std::optional<MonoTime> next_due() const;
  // Hands out everything due by `now`, in the order of its due times, to
  // `take(PacketView, MonoTime due)`.
  template <typename Take>
  void pop_due(MonoTime now, Take&& take) {
    for (auto row = next(); row && queues_[*row].packets.front().due <= now; row = next()) {
      Packet packet = std::move(queues_[*row].packets.front());
      queues_[*row].packets.pop_front();
      bytes_ -= packet.bytes.size();
      take(PacketView(packet.bytes), packet.due);
    }
  }

 private:
  struct Packet {
    MonoTime due;
    std::vector<std::uint8_t> bytes;
  };
  struct Queue {
    Duration delay{0};
    std::deque<Packet> packets;
  };
  // The queue whose first packet is due first; nothing when all are empty.
  [[nodiscard]] std::optional<std::size_t> next() const;

  std::vector<Queue> queues_;
  std::map<RegionPair, std::size_t> queue_of_pair_;
  std::size_t bytes_ = 0;
};

}  // namespace squall
