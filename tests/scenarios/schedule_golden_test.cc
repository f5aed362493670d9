// A schedule as text, as YAML and as a control.
#include "scenarios/schedule.h"

#include <gtest/gtest.h>

#include "tests/scenarios/small_world.h"

namespace squall {
namespace {

constexpr const char* kTimeline =
    "[{at: 18s, fault: process.kill, on: leader(registry), restart-after: 2s},"
    " {at: 3s..5s, for: 10s, fault: network.partition, between: [region/eu, region/us], name: cut},"
    " {after: {fault: cut, by: 1s}, for: 2s, fault: network.partition, from: e3, to: region/eu},"
    " {when: {log: acquired, of: etcd-lock}, for: 6s, fault: process.pause,"
    " on: holder(etcd-lock)},"
    " {when: {metric: availability, below: 20%, for: 2s}, for: 1s, fault: process.pause,"
    " on: one-of(role/registry)},"
    " {when: {operations: 500, of: kv}, fault: process.kill, on: e3, expect-consequence: false}]";

Scenario scheduled(bool is_control) {
  return resolve_schedule(test::parsed(test::small_scenario(kTimeline)), {7, is_control}).value();
}

TEST(Schedule, IsOneLineAnEntry) {
  test::expect_golden(test::source_path("tests/scenarios/golden/timeline.txt"),
                      timeline_text(scheduled(false)));
}

TEST(Schedule, IsARunnableScenario) {
  const std::string yaml = to_yaml(scheduled(false));
  test::expect_golden(test::source_path("tests/scenarios/golden/schedule.yaml"), yaml);
  EXPECT_EQ(to_yaml(test::parsed(yaml)), yaml);
}

TEST(Schedule, OfAControlHasNoFaultsAndLastsAsLong) {
  const Scenario control = scheduled(true);
  EXPECT_TRUE(control.timeline.empty());
  EXPECT_EQ(control.expect, Expect::kPass);
  EXPECT_EQ(control.duration, std::chrono::seconds(18));
  EXPECT_EQ(timeline_text(control), "no faults, 23s of load\n");
  EXPECT_EQ(to_yaml(test::parsed(to_yaml(control))), to_yaml(control));
}

}  // namespace
}  // namespace squall
