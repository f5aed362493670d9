// Bounds of drawn timelines, over generated bounds and seeds.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "scenarios/random_draw.h"
#include "scenarios/schedule.h"
#include "tests/scenarios/small_world.h"

namespace squall {
namespace {

struct Bounds {
  int count_min = 1;
  int count_max = 1;
  int at_once = 1;
  int gap_ms = 0;
};

const std::vector<std::string> kKinds = {
    "{fault: network.partition, between: [one-of(all), all], for: 100ms..4s}",
    "{fault: network.delay, between: [minority(all), all], for: 1s..2s, delay: 1ms..80ms}",
    "{fault: process.pause, on: one-of(role/registry), for: 50ms..3s}",
    "{fault: process.pause, on: leader(registry), for: 1s, name: leader}",
    "{fault: process.kill, on: one-of(all), restart-after: 500ms..2s, weight: 3}",
    "{fault: clock.skew, on: role/registry, for: 1s..3s, offset: -9s..9s}"};

std::string kinds_without(std::size_t left_out) {
  std::string text;
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (i != left_out) text += (text.empty() ? "" : ", ") + kKinds[i];
  }
  return text;
}

Bounds any_bounds() {
  Bounds bounds;
  bounds.count_min = *rc::gen::inRange(1, 12);
  bounds.count_max = bounds.count_min + *rc::gen::inRange(0, 6);
  bounds.at_once = *rc::gen::inRange(1, 5);
  bounds.gap_ms = *rc::gen::inRange(0, 1200);
  return bounds;
}

Scenario scenario_of(const Bounds& bounds, const std::string& kinds) {
  return test::parsed(test::small_scenario(
      "{random: {length: 30s, count: " + std::to_string(bounds.count_min) + ".." +
      std::to_string(bounds.count_max) + ", at-once: " + std::to_string(bounds.at_once) +
      ", gap: " + std::to_string(bounds.gap_ms) + "ms, liveness: 7s, faults: [" + kinds + "]}}"));
}

Scenario resolved(const Scenario& scenario, std::uint64_t seed) {
  return resolve_schedule(scenario, {.seed = seed}).value();
}

Duration start_of(const TimelineEntry& entry) {
  return std::get<AtTime>(entry.trigger).at;
}

Duration end_of(const TimelineEntry& entry) {
  return start_of(entry) + active_time(entry);
}

bool meet(const TimelineEntry& a, const TimelineEntry& b) {
  return start_of(a) < end_of(b) && start_of(b) < end_of(a);
}

RC_GTEST_PROP(RandomTimeline, KeepsItsBoundsForEverySeed, ()) {
  const Bounds bounds = any_bounds();
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const Scenario schedule = resolved(scenario_of(bounds, kinds_without(kKinds.size())), seed);
  const std::vector<TimelineEntry>& timeline = schedule.timeline;

  RC_ASSERT(!schedule.random.has_value());
  RC_ASSERT(!timeline.empty());
  RC_ASSERT(timeline.size() <= static_cast<std::size_t>(bounds.count_max));
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    RC_ASSERT(start_of(timeline[i]) >= Duration{0});
    // Every fault has ended before the liveness phase.
    RC_ASSERT(end_of(timeline[i]) <= std::chrono::seconds(30));
    int active = 1;
    for (std::size_t j = 0; j < timeline.size(); ++j) {
      if (i == j) continue;
      const Duration apart = std::chrono::abs(start_of(timeline[i]) - start_of(timeline[j]));
      RC_ASSERT(apart >= std::chrono::milliseconds(bounds.gap_ms));
      active += start_of(timeline[j]) <= start_of(timeline[i]) &&
                        start_of(timeline[i]) < end_of(timeline[j])
                    ? 1
                    : 0;
    }
    RC_ASSERT(active <= bounds.at_once);
  }
  RC_ASSERT(schedule.duration == std::chrono::seconds(30));
  RC_ASSERT(schedule.settle == std::chrono::seconds(7));
}

RC_GTEST_PROP(RandomTimeline, NeverHitsAProcessTwiceAtOnce, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const Scenario schedule = resolved(scenario_of(any_bounds(), kinds_without(0)), seed);
  for (const TimelineEntry& a : schedule.timeline) {
    for (const TimelineEntry& b : schedule.timeline) {
      if (a.id == b.id || a.sides.size() != 1 || b.sides.size() != 1) continue;
      const std::string on = " | " + b.sides[0].text() + " | ";
      const bool is_same =
          a.sides[0].is_live() || on.find(" | " + a.sides[0].text() + " | ") != std::string::npos;
      RC_ASSERT(!is_same || !meet(a, b));
    }
  }
}

RC_GTEST_PROP(RandomTimeline, IsTheSameForTheSameSeed, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const Scenario scenario = scenario_of(any_bounds(), kinds_without(kKinds.size()));
  const std::string schedule = to_yaml(resolved(scenario, seed));
  RC_ASSERT(to_yaml(resolved(scenario, seed)) == schedule);
  RC_ASSERT(to_yaml(resolved(test::parsed(schedule), seed)) == schedule);
  RC_ASSERT(to_yaml(test::parsed(to_yaml(scenario))) == to_yaml(scenario));
}

// Values and kinds stay; only the room that was left can make another one find another time.
RC_GTEST_PROP(RandomTimeline, TakingAKindAwayLeavesTheOthersAsTheyWere, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  Bounds bounds = any_bounds();
  bounds.at_once = 400;
  bounds.gap_ms = 0;
  const auto taken = *rc::gen::inRange<std::size_t>(0, 2);  // of the network: no process is free
  const Scenario all = resolved(scenario_of(bounds, kinds_without(kKinds.size())), seed);
  const Scenario fewer = resolved(scenario_of(bounds, kinds_without(taken)), seed);
  const std::string name = taken == 0 ? "partition-" : "delay-";
  for (const TimelineEntry& entry : all.timeline) {
    if (entry.id.get().starts_with(name) || entry.sides.size() == 1) continue;
    const auto same =
        std::find_if(fewer.timeline.begin(), fewer.timeline.end(),
                     [&entry](const TimelineEntry& other) { return other.id == entry.id; });
    RC_ASSERT(same != fewer.timeline.end());
    RC_ASSERT(start_of(*same) == start_of(entry));
    RC_ASSERT(same->length == entry.length);
    RC_ASSERT(same->params.all() == entry.params.all());
    RC_ASSERT(same->sides[0].text() == entry.sides[0].text());
  }
}

RC_GTEST_PROP(RandomTimeline, OfASwizzleHealsInAnotherOrderThanItStarts, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const int count = *rc::gen::inRange(2, 8);
  const int gap_ms = *rc::gen::inRange(1, 1000);
  const Scenario schedule = resolved(
      test::parsed(test::small_scenario(
          "{random: {pattern: swizzle, length: 16s, count: " + std::to_string(count) + ", gap: " +
          std::to_string(gap_ms) + "ms, faults: [{fault: network.delay, delay: 5ms, between: " +
          "[one-of(all), all]}, {fault: network.loss, loss: 1%, from: e1, to: e3}]}}")),
      seed);
  RC_ASSERT(schedule.timeline.size() == static_cast<std::size_t>(count));
  std::vector<Duration> heals;
  for (const TimelineEntry& entry : schedule.timeline) {
    RC_ASSERT(start_of(entry) <= std::chrono::seconds(8));
    RC_ASSERT(end_of(entry) >= std::chrono::seconds(8));
    RC_ASSERT(end_of(entry) <= std::chrono::seconds(16));
    heals.push_back(end_of(entry));
  }
  RC_ASSERT(!std::is_sorted(heals.begin(), heals.end()));
  for (std::size_t i = 1; i < schedule.timeline.size(); ++i) {
    RC_ASSERT(start_of(schedule.timeline[i]) - start_of(schedule.timeline[i - 1]) >=
              std::chrono::milliseconds(gap_ms));
  }
  std::sort(heals.begin(), heals.end());
  for (std::size_t i = 1; i < heals.size(); ++i) {
    RC_ASSERT(heals[i] - heals[i - 1] >= std::chrono::milliseconds(gap_ms));
  }
}

}  // namespace
}  // namespace squall
