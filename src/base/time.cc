// Clocks, and durations as text.
#include "base/time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <optional>

namespace squall {
namespace {

Duration read_clock(clockid_t id) {
  timespec now{};
  CHECK(clock_gettime(id, &now) == 0);
  return std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec);
}

class SystemClock final : public Clock {
 public:
  [[nodiscard]] MonoTime mono() const override { return {read_clock(CLOCK_MONOTONIC)}; }
  [[nodiscard]] BootTime boot() const override { return {read_clock(CLOCK_BOOTTIME)}; }
  [[nodiscard]] WallTime wall() const override { return {read_clock(CLOCK_REALTIME)}; }
};

struct UnitRow {
  std::string_view name;
  std::int64_t ns;
};
constexpr std::array<UnitRow, 6> kUnits = {{{"h", 3'600'000'000'000},
                                            {"m", 60'000'000'000},
                                            {"s", 1'000'000'000},
                                            {"ms", 1'000'000},
                                            {"us", 1'000},
                                            {"ns", 1}}};

Error bad_duration(std::string_view text) {
  return {Errc::kInvalid,
          "'" + std::string(text) +
              "' is not a duration; write a number and a unit such as 40ms, 3s, 1m30s"};
}

const UnitRow* find_unit(std::string_view name) {
  for (const UnitRow& row : kUnits) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

// "1.5" times a unit, in whole numbers, because a double is exact to 104 days only.  What is finer
// than 1 ns is cut off.  Nothing: not a number, or too large.
std::optional<std::int64_t> scaled(std::string_view number, std::int64_t unit_ns) {
  const std::size_t point = std::min(number.find('.'), number.size());
  std::int64_t whole = 0;
  const auto parsed = std::from_chars(number.data(), number.data() + point, whole);
  if (parsed.ec != std::errc() || parsed.ptr != number.data() + point) return std::nullopt;
  if (point + 1 == number.size()) return std::nullopt;
  std::int64_t total = 0;
  if (__builtin_mul_overflow(whole, unit_ns, &total)) return std::nullopt;
  for (const char digit : number.substr(std::min(point + 1, number.size()))) {
    if (digit == '.') return std::nullopt;
    unit_ns /= 10;
    if (__builtin_add_overflow(total, unit_ns * (digit - '0'), &total)) return std::nullopt;
  }
  return total;
}

std::string trimmed_number(double value, int digits) {
  std::array<char, 64> buffer{};
  (void)std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, value);
  std::string text = buffer.data();
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

Result<Duration> parse_duration(std::string_view text) {
  std::string_view rest = text;
  std::int64_t total = 0;
  if (rest.empty()) return bad_duration(text);
  while (!rest.empty()) {
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789."), rest.size());
    const std::string_view number = rest.substr(0, digits);
    rest.remove_prefix(digits);
    const std::size_t letters = std::min(rest.find_first_of("0123456789."), rest.size());
    const UnitRow* unit = find_unit(rest.substr(0, letters));
    if (unit == nullptr) return bad_duration(text);
    rest.remove_prefix(letters);
    const std::optional<std::int64_t> part = scaled(number, unit->ns);
    if (!part || __builtin_add_overflow(total, *part, &total)) return bad_duration(text);
  }
  return Duration(total);
}

Result<Duration> parse_signed_duration(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  std::string_view rest = text;
  if (is_negative || text.starts_with('+')) rest.remove_prefix(1);
  const Result<Duration> size = parse_duration(rest);
  if (!size.ok()) {
    return Error{Errc::kInvalid, "'" + std::string(text) +
                                     "' is not a duration; write a number and a unit, with a sign "
                                     "in front where it is negative, such as -90s"};
  }
  return is_negative ? -*size : *size;
}

std::string to_text(Duration duration) {
  const std::int64_t ns = duration.count();
  if (ns == 0) return "0s";
  if (ns < 0) return "-" + to_text(-duration);
  for (const UnitRow& unit : kUnits) {
    if (unit.name == "h" || unit.name == "m") {
      if (ns % unit.ns == 0) return std::to_string(ns / unit.ns) + std::string(unit.name);
      continue;
    }
    if (ns < unit.ns) continue;
    const std::string whole = std::to_string(ns / unit.ns);
    std::string fraction = std::to_string(ns % unit.ns + unit.ns).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return whole + (fraction.empty() ? "" : "." + fraction) + std::string(unit.name);
  }
  return "0s";
}

std::string to_short_text(Duration duration) {
  const auto ns = static_cast<double>(duration.count());
  if (ns < 0) return "-" + to_short_text(-duration);
  for (const UnitRow& unit : kUnits) {
    if (unit.name == "h" || unit.name == "m") continue;
    const double value = ns / static_cast<double>(unit.ns);
    if (value < 1) continue;
    const int digits = value >= 100 ? 0 : 1;
    return trimmed_number(value, digits) + std::string(unit.name);
  }
  return "0s";
}

std::string to_text(WallTime at) {
  const std::time_t seconds = at.ns() / 1'000'000'000;
  const int millis = static_cast<int>(at.ns() / 1'000'000 % 1'000);
  std::tm utc{};
  CHECK(gmtime_r(&seconds, &utc) != nullptr);
  std::array<char, 40> day{};
  CHECK(std::strftime(day.data(), day.size(), "%Y-%m-%dT%H:%M:%S", &utc) > 0);
  std::array<char, 48> text{};
  (void)std::snprintf(text.data(), text.size(), "%s.%03dZ", day.data(), millis);
  return text.data();
}

}  // namespace squall
