// Every duration survives being written and read back.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <limits>

#include "base/time.h"

namespace squall {
namespace {

constexpr std::int64_t kLargestNs = std::numeric_limits<std::int64_t>::max();

RC_GTEST_PROP(DurationText, ReadsBackExactly, ()) {
  const auto ns = *rc::gen::inRange<std::int64_t>(0, kLargestNs);
  const Duration duration(ns);
  RC_ASSERT(*parse_duration(to_text(duration)) == duration);
}

RC_GTEST_PROP(DurationText, RoundNumbersReadBackExactly, ()) {
  const auto count = *rc::gen::inRange<std::int64_t>(0, 2400);
  const auto unit = *rc::gen::element<std::int64_t>(1, 1'000, 1'000'000, 1'000'000'000,
                                                    60'000'000'000, 3'600'000'000'000);
  const Duration duration(count * unit);
  RC_ASSERT(*parse_duration(to_text(duration)) == duration);
}

RC_GTEST_PROP(DurationText, TheRoundedTextIsWithinFivePercent, ()) {
  const auto ns = *rc::gen::inRange<std::int64_t>(1, kLargestNs / 2);
  const Duration rounded = *parse_duration(to_short_text(Duration(ns)));
  RC_ASSERT(std::abs(rounded.count() - ns) <= ns / 20);
}

RC_GTEST_PROP(ParseDuration, NeverCrashes, (const std::string& text)) {
  const Result<Duration> duration = parse_duration(text);
  if (duration.ok()) {
    RC_ASSERT(duration->count() >= 0);
  } else {
    RC_ASSERT(duration.error().code == Errc::kInvalid);
  }
}

}  // namespace
}  // namespace squall
