// Classifies packets by prefix, queues them by delay.
#include "arena/delay_line_core.h"

#include <arpa/inet.h>

#include <array>

#include "base/check.h"

namespace squall {
namespace {

// The /24 of an IPv4 address and the /64 of an IPv6 one as keys of one map: the lab's IPv6 prefixes
// begin with fd00, so the two cannot meet.
std::uint64_t key4(const std::uint8_t* address) {
  return std::uint64_t{address[0]} << 16U | std::uint64_t{address[1]} << 8U | address[2];
}
std::uint64_t key6(const std::uint8_t* address) {
  std::uint64_t key = 0;
  for (int i = 0; i < 8; ++i) key = key << 8U | address[i];
  return key;
}

struct Keys {
  std::uint64_t source;
  std::uint64_t destination;
};

std::optional<Keys> keys_of(PacketView packet) {
  // RFC 791: addresses at bytes 12 and 16.  RFC 8200: at bytes 8 and 24.
  if (packet.size() >= 20 && packet[0] >> 4U == 4) {
    return Keys{key4(packet.data() + 12), key4(packet.data() + 16)};
  }
  if (packet.size() >= 40 && packet[0] >> 4U == 6) {
    return Keys{key6(packet.data() + 8), key6(packet.data() + 24)};
  }
  return std::nullopt;
}

}  // namespace

RegionMap::RegionMap(const LabPlan& plan) {
  for (std::size_t i = 0; i < plan.regions.size(); ++i) {
    std::array<std::uint8_t, 16> address{};
    CHECK(::inet_pton(AF_INET, plan.regions[i].gateway4.c_str(), address.data()) == 1);
    region_by_prefix_.emplace(key4(address.data()), i);
    CHECK(::inet_pton(AF_INET6, plan.regions[i].gateway6.c_str(), address.data()) == 1);
    region_by_prefix_.emplace(key6(address.data()), i);
  }
}

std::optional<RegionPair> RegionMap::classify(PacketView packet) const {
  const std::optional<Keys> keys = keys_of(packet);
  if (!keys) return std::nullopt;
  const auto from = region_by_prefix_.find(keys->source);
  const auto to = region_by_prefix_.find(keys->destination);
  if (from == region_by_prefix_.end() || to == region_by_prefix_.end()) return std::nullopt;
  return RegionPair{.from = from->second, .to = to->second};
}

DelayQueues::DelayQueues(const std::map<RegionPair, Duration>& delay) {
  std::map<Duration, std::size_t> queue_of_delay;
  for (const auto& [pair, duration] : delay) {
    const auto [row, is_new] = queue_of_delay.emplace(duration, queues_.size());
    if (is_new) queues_.push_back(Queue{.delay = duration, .packets = {}});
    queue_of_pair_.emplace(pair, row->second);
  }
}

bool DelayQueues::push(const RegionPair& pair, PacketView packet, MonoTime now) {
  const auto row = queue_of_pair_.find(pair);
  if (row == queue_of_pair_.end()) return false;
  Queue& queue = queues_[row->second];
  if (queue.packets.size() >= kMaxQueuedPackets) return false;
  if (bytes_ + packet.size() > kMaxQueuedBytes) return false;
  bytes_ += packet.size();
  queue.packets.push_back(
      Packet{.due = now + queue.delay, .bytes = {packet.begin(), packet.end()}});
  return true;
}

std::optional<MonoTime> DelayQueues::next_due() const {
  const std::optional<std::size_t> row = next();
  if (!row) return std::nullopt;
  return queues_[*row].packets.front().due;
}

std::optional<std::size_t> DelayQueues::next() const {
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    if (queues_[i].packets.empty()) continue;
    const MonoTime due = queues_[i].packets.front().due;
    if (!first || due < queues_[*first].packets.front().due) first = i;
  }
  return first;
}

}  // namespace squall
