// Which faults delay a packet, and by how much together.  Pure: packets and times in, delays out.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/delay/delay_backend.h"
#include "agent/delay/delay_draw.h"
#include "kernel/packet_queue.h"

namespace squall {

// More faults at once are refused.
inline constexpr std::size_t kMaxDelayFaults = 64;

// An address of either family; IPv4 as ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2).
using PacketAddress = std::array<std::uint8_t, 16>;
// kInvalid when the text is no literal address.
[[nodiscard]] Result<PacketAddress> parse_packet_address(const std::string& text);
// Nothing: no IP packet, or one to a group or to a neighbour only (multicast, link-local), which
// the kernel itself sends on a new device.
[[nodiscard]] std::optional<PacketAddress> destination_of(PacketView packet);

// A fault as the line knows it.
struct TableRow {
  std::size_t slot = 0;  // below kMaxDelayFaults; the fault keeps it for its life
  DelaySpec delay;
  std::uint64_t seed = 0;
  std::vector<PacketAddress> destinations;
};
// For the way from the agent to the line.
[[nodiscard]] std::string encode_rows(const std::vector<TableRow>& rows);
[[nodiscard]] Result<std::vector<TableRow>> decode_rows(std::string_view bytes);

class DelayTable {
 public:
  // A fault that stays goes on drawing where it was.
  void set(const std::vector<TableRow>& rows);
  // What expires at or before `now` adds nothing.
  using Expiries = std::array<BootTime, kMaxDelayFaults>;
  [[nodiscard]] Duration draw(const PacketAddress& destination, const Expiries& expiries,
                              BootTime now);

 private:
  struct HashAddress {
    std::size_t operator()(const PacketAddress& address) const;
  };
  std::map<std::size_t, DelayDraw> draws_;  // by slot
  std::unordered_map<PacketAddress, std::vector<std::size_t>, HashAddress> slots_by_destination_;
};

}  // namespace squall
