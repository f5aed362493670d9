// What two seeds draw from one timeline, and how a drawn timeline is written.
#include <gtest/gtest.h>

#include "scenarios/schedule.h"
#include "tests/scenarios/small_world.h"

namespace squall {
namespace {

constexpr const char* kFree =
    "{fixed: [{at: 2s, for: 1s, fault: process.pause, on: e3/proxy, name: first}],"
    " random: {length: 40s, count: 5..8, at-once: 2, liveness: 9s, faults: ["
    "{fault: network.partition, between: [minority(all), all], for: 1s..6s, weight: 2},"
    "{fault: network.delay, from: one-of(all), to: all, for: 2s..4s, delay: 5ms..90ms,"
    " jitter: 0ms..20ms, distribution: [normal, uniform]},"
    "{fault: network.loss, between: ['leader(registry)', all], for: 2s, loss: 0.5%..12%},"
    "{fault: process.kill, on: one-of(role/registry), restart-after: 1s..3s, signal: [KILL, TERM]},"
    "{fault: clock.skew, on: one-of(role/registry), for: 3s..5s, offset: -90s..90s, name: skew,"
    " expect-exercised: false}]}}";
constexpr const char* kSwizzle =
    "{random: {pattern: swizzle, length: 20s, count: 3, gap: 1s, faults: ["
    "{fault: process.pause, on: one-of(role/registry)}]}}";

Scenario drawn(const char* timeline, std::uint64_t seed) {
  const Scenario scenario = test::parsed(test::small_scenario(timeline));
  return resolve_schedule(scenario, {.seed = seed}).value();
}

TEST(RandomTimeline, IsAnOrdinaryOneOnceTheSeedHasDrawnIt) {
  const Scenario first = drawn(kFree, 1);
  test::expect_golden(
      test::source_path("tests/scenarios/golden/random.txt"),
      "seed 1\n" + timeline_text(first) + "\nseed 2\n" + timeline_text(drawn(kFree, 2)));
  test::expect_golden(test::source_path("tests/scenarios/golden/random-schedule.yaml"),
                      to_yaml(first));
  EXPECT_EQ(to_yaml(test::parsed(to_yaml(first))), to_yaml(first));
}

TEST(RandomTimeline, SwizzleStartsOneByOneAndHealsInAnotherOrder) {
  test::expect_golden(test::source_path("tests/scenarios/golden/swizzle.txt"),
                      "seed 1\n" + timeline_text(drawn(kSwizzle, 1)) + "\nseed 2\n" +
                          timeline_text(drawn(kSwizzle, 2)));
}

TEST(RandomTimeline, IsWrittenWithEveryDefault) {
  const Scenario scenario = test::parsed(test::small_scenario(kFree));
  test::expect_golden(test::source_path("tests/scenarios/golden/random-written.yaml"),
                      to_yaml(scenario));
  EXPECT_EQ(to_yaml(test::parsed(to_yaml(scenario))), to_yaml(scenario));
}

TEST(RandomTimeline, OfAControlLastsAsLongAndHasNoFaults) {
  const Scenario scenario = test::parsed(test::small_scenario(kFree));
  const Scenario control = resolve_schedule(scenario, {.seed = 1, .is_control = true}).value();
  EXPECT_EQ(timeline_text(control), "no faults, 49s of load\n");
}

TEST(RandomTimeline, TakesARateAsFaultsInAMinute) {
  const auto counts = [](const char* rate, const char* length) {
    const Scenario scenario = test::parsed(test::small_scenario(
        "{random: {length: " + std::string(length) + ", rate: " + rate + ", at-once: 9, faults: [" +
        "{fault: process.pause, on: e1, for: 10ms}]}}"));
    return std::to_string(scenario.random->count_min) + ".." +
           std::to_string(scenario.random->count_max);
  };
  EXPECT_EQ(counts("12", "30s"), "6..6");
  EXPECT_EQ(counts("12", "29s"), "5..6");
  EXPECT_EQ(counts("6..20", "30s"), "3..10");
  EXPECT_EQ(counts("1", "10s"), "1..1");
}

TEST(RandomTimeline, SaysWhyNothingCanBeDrawn) {
  const Scenario scenario = test::parsed(test::small_scenario(
      "{random: {length: 30s, count: 1, faults: ["
      "{fault: network.delay, between: [e1, all], for: 1s, delay: 5ms, jitter: 6ms}]}}"));
  const auto schedule = resolve_schedule(scenario, {.seed = 1});
  ASSERT_FALSE(schedule.ok());
  EXPECT_EQ(
      schedule.error().what,
      "fault delay-1: 'jitter' of 6ms is more than the 'delay' of 5ms: packets would leave before "
      "they came");

  const Scenario both = test::parsed(
      test::small_scenario("{random: {length: 30s, count: 1, faults: ["
                           "{fault: network.partition, between: [all, e1], for: 1s}]}}"));
  const auto nobody = resolve_schedule(both, {.seed = 1});
  ASSERT_FALSE(nobody.ok());
  EXPECT_EQ(nobody.error().what,
            "fault partition-1: 'e1' holds nobody who is not on the other side");
}

}  // namespace
}  // namespace squall
