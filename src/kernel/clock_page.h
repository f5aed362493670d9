// The page of a skewed process that its patched vDSO reads: by how much, until when, and how often
// it was asked.  Ordinary memory of that process, readable and writable and not executable, shared
// with the children that it forks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace squall {

// Seconds and nanoseconds in one word, so that one store changes both and no division is needed to
// add them: the seconds from bit 30, the nanoseconds (0 to 999 999 999) below.  Larger is later.
[[nodiscard]] constexpr std::int64_t pack_time(Duration time) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t seconds = time.count() / kSecond;
  std::int64_t rest = time.count() % kSecond;
  if (rest < 0) {
    rest += kSecond;
    --seconds;
  }
  return seconds * (std::int64_t{1} << 30) + rest;
}
[[nodiscard]] constexpr Duration unpack_time(std::int64_t packed) {
  const std::int64_t seconds = packed >> 30;
  return std::chrono::seconds(seconds) + Duration(packed & ((std::int64_t{1} << 30) - 1));
}

// What one store puts in force.
struct ClockSlot {
  std::int64_t offset = 0;  // packed
  std::int64_t expiry = 0;  // packed CLOCK_BOOTTIME; 0: no skew at all
  friend bool operator==(const ClockSlot&, const ClockSlot&) = default;
};

inline constexpr std::size_t kClockStripes = 32;
struct alignas(64) ClockStripe {
  std::uint64_t calls = 0;
};

struct ClockPage {
  std::array<char, 16> name{};  // kClockPageName
  // Which slot is in force, as its distance from the first in bytes: a single byte, since only a
  // single byte is certain to be written whole through /proc/PID/mem.
  std::uint8_t selector = 0;
  std::array<std::uint8_t, 7> unused{};
  std::int64_t checked = 0;  // packed CLOCK_REALTIME of the last look at the expiry
  std::array<ClockSlot, 2> slots{};
  std::array<std::uint8_t, 1984> reserved{};
  // Readings that were changed.  Threads count without a lock, each in the stripe that its stack
  // chooses: rarely one is lost, never one is invented.
  std::array<ClockStripe, kClockStripes> stripes{};
};
static_assert(sizeof(ClockPage) == 4096 && offsetof(ClockPage, slots) == 32 &&
              offsetof(ClockPage, stripes) == 2048);

inline constexpr std::array<char, 16> kClockPageName = {'s', 'q', 'u', 'a', 'l', 'l', '-',
                                                        'c', 'l', 'o', 'c', 'k', ' ', '1'};
// How late the end of a lease may be noticed: the code asks for the boot time this seldom.
inline constexpr Duration kClockLook = std::chrono::milliseconds(10);

}  // namespace squall
