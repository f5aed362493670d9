// Laws of schedules, over generated scenarios.
#include "scenarios/schedule.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/scenarios/small_world.h"

namespace squall {
namespace {

rc::Gen<std::string> one_selector() {
  return rc::gen::element<std::string>("e1", "region/eu", "one-of(all)", "minority(role/registry)",
                                       "!e1", "e1 | e3", "leader(registry)", "role/registry & !e2",
                                       "client/etcd-lock", "holder(etcd-lock)",
                                       "one-of(region/eu) | e3/proxy");
}

std::string entry(int index) {
  const int first = *rc::gen::inRange(0, 20);
  const int length = *rc::gen::inRange(1, 30);
  const std::string at = std::to_string(first) + "s";
  const std::string range = at + ".." + std::to_string(first + *rc::gen::inRange(0, 9)) + "s";
  const std::string trigger = *rc::gen::element<std::string>(
      "at: " + at, "at: " + range, "when: {log: 'a: \"b\\d+', of: kv}",
      "when: {metric: availability, below: " + std::to_string(length) + ".5%, for: 2s}",
      "when: {metric: errors, above: 0." + std::to_string(length) + "}",
      "when: {operations: " + std::to_string(length) + "}");
  const std::string name = "name: f" + std::to_string(index);
  const std::string lasts = "for: " + std::to_string(length) + "00ms";
  const std::string on = "on: '" + *one_selector() + "'";
  const std::string fault = *rc::gen::element<std::string>(
      "fault: process.kill, signal: TERM, " + on, "fault: process.kill, restart-after: 2s, " + on,
      "fault: process.pause, " + lasts + ", " + on,
      "fault: network.partition, between: [e1, 'one-of(e2 | e3)'], " + lasts,
      "fault: network.partition, from: one-of(region/eu), to: region/us, " + lasts);
  return "{" + trigger + ", " + fault + ", " + name + "}";
}

Scenario any_scenario() {
  const int count = *rc::gen::inRange(0, 6);
  std::string timeline;
  for (int i = 0; i < count; ++i) timeline += (i == 0 ? "" : ", ") + entry(i);
  return test::parsed(test::small_scenario("[" + timeline + "]"));
}

RC_GTEST_PROP(Schedule, ReadsBackAsItself, ()) {
  const Scenario scenario = any_scenario();
  const std::string written = to_yaml(scenario);
  RC_ASSERT(to_yaml(test::parsed(written)) == written);

  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const Scenario schedule = *resolve_schedule(scenario, {seed, false});
  const Scenario again = test::parsed(to_yaml(schedule));
  RC_ASSERT(to_yaml(again) == to_yaml(schedule));
  RC_ASSERT(timeline_text(again) == timeline_text(schedule));
}

RC_GTEST_PROP(Schedule, ResolvedTwiceStaysAsItIs, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const Scenario schedule = *resolve_schedule(any_scenario(), {seed, false});
  RC_ASSERT(to_yaml(*resolve_schedule(schedule, {seed, false})) == to_yaml(schedule));
}

RC_GTEST_PROP(Schedule, TakingOneFaultAwayLeavesTheOthersAsTheyWere, ()) {
  Scenario scenario = any_scenario();
  RC_PRE(!scenario.timeline.empty());
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  Scenario all = *resolve_schedule(scenario, {seed, false});
  const auto taken = *rc::gen::inRange<std::size_t>(0, scenario.timeline.size());
  const FaultId id = scenario.timeline[taken].id;
  const auto is_taken = [&](const TimelineEntry& entry) { return entry.id == id; };
  scenario.timeline.erase(scenario.timeline.begin() + static_cast<std::ptrdiff_t>(taken));
  const Scenario fewer = *resolve_schedule(scenario, {seed, false});

  all.timeline.erase(std::remove_if(all.timeline.begin(), all.timeline.end(), is_taken),
                     all.timeline.end());
  RC_ASSERT(to_yaml(fewer) == to_yaml(all));
}

}  // namespace
}  // namespace squall
