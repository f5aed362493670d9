// Durations as text, and clocks that cannot be confused.
#include "base/time.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace squall {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

std::string parsed(std::string_view text) {
  const Result<Duration> duration = parse_duration(text);
  return duration.ok() ? std::to_string(duration->count()) : duration.error().what;
}

std::string refusal(const std::string& text) {
  return "'" + text + "' is not a duration; write a number and a unit such as 40ms, 3s, 1m30s";
}

TEST(ParseDuration, ReadsEveryUnit) {
  EXPECT_EQ(parsed("7ns"), "7");
  EXPECT_EQ(parsed("250us"), "250000");
  EXPECT_EQ(parsed("40ms"), "40000000");
  EXPECT_EQ(parsed("3s"), "3000000000");
  EXPECT_EQ(parsed("2m"), "120000000000");
  EXPECT_EQ(parsed("1h"), "3600000000000");
}

TEST(ParseDuration, ReadsFractionsAndSums) {
  EXPECT_EQ(parsed("1.5s"), "1500000000");
  EXPECT_EQ(parsed("0.25ms"), "250000");
  EXPECT_EQ(parsed("1m30s"), "90000000000");
  EXPECT_EQ(parsed("0s"), "0");
}

TEST(ParseDuration, RefusesWhatHasNoUnit) {
  for (const char* text : {"", "5", "1m30", "0"}) EXPECT_EQ(parsed(text), refusal(text));
}

TEST(ParseDuration, RefusesWhatIsNotANumber) {
  for (const char* text : {"s", "-3s", "+3s", " 3s", "3s ", "1.2.3s", ".s", "1e3s", "inf s"}) {
    EXPECT_EQ(parsed(text), refusal(text));
  }
}

TEST(ParseDuration, RefusesUnknownUnits) {
  for (const char* text : {"3S", "3 s", "3sec", "3d", "3msms"}) {
    EXPECT_EQ(parsed(text), refusal(text));
  }
}

TEST(ParseDuration, RefusesWhatDoesNotFit) {
  EXPECT_EQ(parsed("2555555h"), "9199998000000000000");
  EXPECT_EQ(parsed("3000000h"), refusal("3000000h"));
  EXPECT_EQ(parsed("2000000h2000000h"), refusal("2000000h2000000h"));
}

TEST(DurationText, IsTheShortestExactOne) {
  EXPECT_EQ(to_text(Duration(0)), "0s");
  EXPECT_EQ(to_text(Duration(7)), "7ns");
  EXPECT_EQ(to_text(milliseconds(1500)), "1.5s");
  EXPECT_EQ(to_text(Duration(1500)), "1.5us");
  EXPECT_EQ(to_text(Duration(1'000'000'001)), "1.000000001s");
  EXPECT_EQ(to_text(seconds(90)), "90s");
  EXPECT_EQ(to_text(minutes(2)), "2m");
  EXPECT_EQ(to_text(hours(1)), "1h");
  EXPECT_EQ(to_text(-milliseconds(40)), "-40ms");
}

TEST(DurationText, IsRoundedForPeople) {
  EXPECT_EQ(to_short_text(Duration(0)), "0s");
  EXPECT_EQ(to_short_text(milliseconds(3142)), "3.1s");
  EXPECT_EQ(to_short_text(microseconds(812)), "812us");
  EXPECT_EQ(to_short_text(seconds(754)), "754s");
  EXPECT_EQ(to_short_text(milliseconds(2000)), "2s");
  EXPECT_EQ(to_short_text(-milliseconds(3142)), "-3.1s");
}

TEST(WallTimeText, IsRfc3339InUtc) {
  EXPECT_EQ(to_text(WallTime{Duration(0)}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_text(WallTime{seconds(951'782'400) + milliseconds(7)}), "2000-02-29T00:00:00.007Z");
}

TEST(TimePoint, AddsAndSubtractsDurations) {
  const MonoTime start{seconds(10)};
  EXPECT_EQ((start + milliseconds(5)) - start, milliseconds(5));
  EXPECT_EQ((start - seconds(3)).ns(), 7'000'000'000);
  EXPECT_LT(start, start + Duration(1));
}

template <typename A, typename B>
concept Subtractable = requires(A a, B b) {
  a - b;
};

TEST(TimePoint, OneClockCannotBeSubtractedFromTheOther) {
  static_assert(Subtractable<MonoTime, MonoTime>);
  static_assert(!Subtractable<MonoTime, WallTime>);
  static_assert(!Subtractable<BootTime, MonoTime>);
  static_assert(!std::is_convertible_v<MonoTime, BootTime>);
}

TEST(SystemClock, MonotonicTimeNeverGoesBack) {
  const MonoTime before = system_clock().mono();
  EXPECT_GE(system_clock().mono(), before);
  EXPECT_GE(system_clock().boot().ns(), before.ns());  // boot time also counts suspension
}

TEST(SignedDuration, TakesOneSignInFront) {
  EXPECT_EQ(*parse_signed_duration("-90s"), -std::chrono::seconds(90));
  EXPECT_EQ(*parse_signed_duration("+1m30s"), std::chrono::seconds(90));
  EXPECT_EQ(*parse_signed_duration("1.5s"), std::chrono::milliseconds(1500));
  EXPECT_EQ(to_text(*parse_signed_duration("-1.5s")), "-1.5s");
  for (const char* bad : {"", "-", "+", "--1s", "-+1s", "90", "1s-"}) {
    EXPECT_EQ(parse_signed_duration(bad).error().what,
              "'" + std::string(bad) +
                  "' is not a duration; write a number and a unit, with a sign in front where it "
                  "is negative, such as -90s");
  }
}

}  // namespace
}  // namespace squall
