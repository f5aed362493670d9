// Values that are drawn: ranges as text, their order, and one of them.  Internal to this folder.
#pragma once

#include <string>
#include <string_view>

#include "base/params.h"
#include "base/rng.h"
#include "scenarios/random_timeline.h"

namespace squall {

// "1s..5s"; a single value is both ends.
struct ValueRange {
  std::string_view low;
  std::string_view high;
  std::size_t high_offset = 0;  // of `high` in the text
  bool is_range = false;
};
[[nodiscard]] ValueRange split_range(std::string_view text);

// Whether values of the type have an order, so that a range of them means something.
[[nodiscard]] bool is_ordered(ParamType type);
// Whether the parameter is smaller in `a` than in `b`.
[[nodiscard]] bool is_before(const ParamSpec& spec, const Params& a, const Params& b);

// Uniform; in whole milliseconds where the range has any: "3.482s" is easier to read.
[[nodiscard]] Duration draw_between(Duration first, Duration last, Rng& rng);
// One of the choices, or a value between the two ends, as text that the parameter's table takes.
[[nodiscard]] std::string draw_value(const DrawnValue& value, const ParamSpec& spec, Rng& rng);

}  // namespace squall
