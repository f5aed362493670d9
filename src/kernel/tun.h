// A TUN device that dies with its descriptor: when its owner is killed, the kernel removes the
// device and every route through it, and packets take their normal path again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace squall {

struct Tun {
  Fd fd;  // non-blocking; one IP packet per read or write, no header in front
  std::string name;
};
// In the calling thread's network namespace.  A "%d" in the name is numbered by the kernel.  The
// link is down; bring it up and address it through Netlink.  kUnsupported says what would help.
[[nodiscard]] Result<Tun> open_tun(const std::string& name = "squall%d");

// The largest IP packet.
inline constexpr std::size_t kMaxPacket = 65535;

// Reads packets until none waits or `limit` have come; hands each to `take(std::span<const
// std::uint8_t>)`, which must not keep the span.  Returns how many.
template <typename Take>
[[nodiscard]] Result<std::size_t> read_packets(const Fd& tun, std::size_t limit, Take&& take);
// Whether the kernel took the packet; false when its queue is full.
[[nodiscard]] Result<bool> write_packet(const Fd& tun, std::span<const std::uint8_t> packet);

namespace detail {
// The length of the next packet, or 0 when none waits.
[[nodiscard]] Result<std::size_t> read_packet(const Fd& tun, std::span<std::uint8_t> buffer);
}  // namespace detail

template <typename Take>
Result<std::size_t> read_packets(const Fd& tun, std::size_t limit, Take&& take) {
  std::vector<std::uint8_t> buffer(kMaxPacket);
  std::size_t count = 0;
  for (; count < limit; ++count) {
    const std::size_t length = TRY(detail::read_packet(tun, buffer));
    if (length == 0) break;
    take(std::span<const std::uint8_t>(buffer.data(), length));
  }
  return count;
}

}  // namespace squall
