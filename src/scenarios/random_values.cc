// Ranges and lists of parameters, and drawing from them.
#include "scenarios/random_values.h"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace squall {
namespace {

// Fine enough for any finding, and short to read.
constexpr std::uint64_t kNumberSteps = 1000;

double draw_number(double low, double high, Rng& rng) {
  const auto step = static_cast<double>(rng.below(kNumberSteps + 1));
  return low + (high - low) * step / static_cast<double>(kNumberSteps);
}

// Four digits, without an exponent.
std::string number_text(double value) {
  std::array<char, 64> buffer{};
  const char* format = value >= 10'000 || value <= -10'000 ? "%.0f" : "%.4g";
  (void)std::snprintf(buffer.data(), buffer.size(), format, value);
  std::string text(buffer.data());
  if (text.find('e') == std::string::npos) return text;
  (void)std::snprintf(buffer.data(), buffer.size(), "%.9f", value);
  return buffer.data();
}

std::string draw_in_range(const std::string& low, const std::string& high, ParamType type,
                          Rng& rng) {
  if (type == ParamType::kDuration || type == ParamType::kSignedDuration) {
    const Duration first = parse_signed_duration(low).value();
    const Duration last = parse_signed_duration(high).value();
    return to_text(draw_between(first, last, rng));
  }
  if (type == ParamType::kInteger) {
    const std::int64_t first = std::strtoll(low.c_str(), nullptr, 10);
    const std::int64_t last = std::strtoll(high.c_str(), nullptr, 10);
    const auto distance = static_cast<std::uint64_t>(last - first);
    return std::to_string(first + static_cast<std::int64_t>(rng.below(distance + 1)));
  }
  // The ends are tables' numbers, with or without the sign of a percentage behind them.
  const double first = std::strtod(low.c_str(), nullptr);
  const double last = std::strtod(high.c_str(), nullptr);
  const std::string drawn = number_text(draw_number(first, last, rng));
  // Rounding must not leave the range.
  const double rounded = std::strtod(drawn.c_str(), nullptr);
  if (rounded <= first) return low;
  if (rounded >= last) return high;
  return drawn + (type == ParamType::kPercent ? "%" : "");
}

}  // namespace

ValueRange split_range(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return {text, text, 0, false};
  return {text.substr(0, dots), text.substr(dots + 2), dots + 2, true};
}

bool is_ordered(ParamType type) {
  switch (type) {
    case ParamType::kDuration:
    case ParamType::kSignedDuration:
    case ParamType::kPercent:
    case ParamType::kInteger:
    case ParamType::kNumber:
      return true;
    case ParamType::kText:
    case ParamType::kBoolean:
    case ParamType::kChoice:
      break;
  }
  return false;
}

bool is_before(const ParamSpec& spec, const Params& a, const Params& b) {
  const std::string_view name = spec.name;
  switch (spec.type) {
    case ParamType::kDuration:
      return a.duration(name) < b.duration(name);
    case ParamType::kSignedDuration:
      return a.signed_duration(name) < b.signed_duration(name);
    case ParamType::kPercent:
      return a.percent(name) < b.percent(name);
    case ParamType::kInteger:
      return a.integer(name) < b.integer(name);
    case ParamType::kNumber:
      return a.number(name) < b.number(name);
    case ParamType::kText:
    case ParamType::kBoolean:
    case ParamType::kChoice:
      break;
  }
  return false;
}

Duration draw_between(Duration first, Duration last, Rng& rng) {
  const Duration unit = last - first >= std::chrono::milliseconds(1)
                            ? Duration(std::chrono::milliseconds(1))
                            : Duration(1);
  const auto steps = static_cast<std::uint64_t>((last - first) / unit);
  return first + unit * static_cast<std::int64_t>(rng.below(steps + 1));
}

std::string draw_value(const DrawnValue& value, const ParamSpec& spec, Rng& rng) {
  if (!value.is_range) return value.choices[rng.below(value.choices.size())];
  return draw_in_range(value.choices[0], value.choices[1], spec.type, rng);
}

}  // namespace squall
