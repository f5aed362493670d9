// Time is a Duration, a MonoTime or a WallTime.  Subtracting one clock from the other does not
// compile, and in a program that skews clocks that is the point.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace squall {

using Duration = std::chrono::nanoseconds;
using std::chrono::duration_cast;

template <typename Tag>
struct TimePoint {
  Duration since_epoch{0};

  friend auto operator<=>(const TimePoint&, const TimePoint&) = default;
  friend TimePoint operator+(TimePoint at, Duration by) { return {at.since_epoch + by}; }
  friend TimePoint operator-(TimePoint at, Duration by) { return {at.since_epoch - by}; }
  friend Duration operator-(TimePoint a, TimePoint b) { return a.since_epoch - b.since_epoch; }
  [[nodiscard]] std::int64_t ns() const { return since_epoch.count(); }
};

using MonoTime = TimePoint<struct MonoTag>;  // CLOCK_MONOTONIC
using BootTime = TimePoint<struct BootTag>;  // CLOCK_BOOTTIME: leases count on it
using WallTime = TimePoint<struct WallTag>;  // CLOCK_REALTIME

// Only a Clock tells the time; it is passed in.  Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual MonoTime mono() const = 0;
  [[nodiscard]] virtual BootTime boot() const = 0;
  [[nodiscard]] virtual WallTime wall() const = 0;
};

// The kernel's clocks.
[[nodiscard]] const Clock& system_clock();

// "1h", "40ms", "1m30s", "250us", "7ns", "1.5s".  A number without a unit, an unknown unit, a sign
// or an overflow is an error; what is finer than 1 ns is cut off.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);
// The same with an optional sign: "-90s", "+1.5s".
[[nodiscard]] Result<Duration> parse_signed_duration(std::string_view text);

// The shortest exact text that parse_duration reads back: 1500 ms is "1.5s".
[[nodiscard]] std::string to_text(Duration duration);
// Rounded for people, three significant digits at most: "3.1s", "812us".
[[nodiscard]] std::string to_short_text(Duration duration);
// RFC 3339 in UTC with milliseconds.
[[nodiscard]] std::string to_text(WallTime at);

}  // namespace squall
