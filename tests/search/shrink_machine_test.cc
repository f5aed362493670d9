// What shrinking leaves, for simulated violations.
#include "search/shrink_machine.h"

#include <gtest/gtest.h>

#include "scenarios/schedule.h"
#include "search/shrink.h"
#include "search/shrink_file.h"
#include "tests/search/shrink_world.h"

namespace squall {
namespace {

using std::chrono::seconds;

// The race needs a cut of 3 s or more while s2 stands still for 1 s, two processes and two keys.
bool is_race(const Scenario& scenario) {
  if (!test::has_fault(scenario, "cut") || !test::has_fault(scenario, "stop")) return false;
  const bool is_long = test::fault_of(scenario, "cut").length >= seconds(3) &&
                       test::fault_of(scenario, "stop").length >= seconds(1);
  const bool has_client = !scenario.workload.empty() && scenario.workload[0].name == "kv" &&
                          scenario.workload[0].processes >= 2 &&
                          scenario.workload[0].params.integer("keys") >= 2;
  return is_long && has_client && scenario.topology.nodes.size() >= 2;
}

TEST(ShrinkMachine, LeavesWhatTheViolationNeeds) {
  const test::Shrunk shrunk = test::shrink_all(is_race);
  const Scenario& scenario = shrunk.scenario;
  EXPECT_TRUE(is_race(scenario));
  EXPECT_EQ(scenario.timeline.size(), 2U);
  // Half of the way to the least was refused.
  EXPECT_LE(test::fault_of(scenario, "cut").length, seconds(6));
  EXPECT_LE(test::fault_of(scenario, "stop").length, seconds(2));
  EXPECT_EQ(scenario.workload.size(), 1U);
  EXPECT_EQ(scenario.workload[0].processes, 2);
  EXPECT_LE(scenario.workload[0].params.integer("keys"), 4);
  EXPECT_EQ(scenario.topology.nodes.size(), 2U);
  EXPECT_EQ(scenario.settle, Duration{0});
  ASSERT_EQ(scenario.checks.size(), 1U);
  EXPECT_EQ(scenario.checks[0].to_text(), "linearizable{client=kv}");
  EXPECT_LT(shrunk.candidates, 150);
}

TEST(ShrinkMachine, TellsEachStep) {
  const test::Shrunk shrunk = test::shrink_all(is_race);
  ASSERT_GE(shrunk.changes.size(), 3U);
  EXPECT_EQ(shrunk.changes[0], "without faults slow, lossy");
  EXPECT_NE(std::find(shrunk.changes.begin(), shrunk.changes.end(), "without client extra"),
            shrunk.changes.end());
}

TEST(ShrinkMachine, FindsThatNoFaultIsNeeded) {
  const test::Shrunk shrunk = test::shrink_all([](const Scenario&) { return true; });
  EXPECT_TRUE(shrunk.scenario.timeline.empty());
  EXPECT_EQ(shrunk.scenario.topology.nodes.size(), 1U);
  EXPECT_EQ(shrunk.scenario.workload.size(), 1U) << "the check's client stays";
}

TEST(ShrinkMachine, LeavesEverythingWhereEverythingIsNeeded) {
  const std::string original = to_yaml(test::big_scenario());
  const test::Shrunk shrunk = test::shrink_all([](const Scenario&) { return false; });
  EXPECT_TRUE(shrunk.changes.empty());
  EXPECT_EQ(shrunk.scenario.timeline.size(), 6U);
}

// What waited for a fault that is gone begins when it did in the recorded run.
TEST(ShrinkMachine, AFaultThatWaitedKeepsItsTime) {
  const test::Shrunk shrunk =
      test::shrink_all([](const Scenario& s) { return test::has_fault(s, "late"); }, {}, 7);
  ASSERT_EQ(shrunk.scenario.timeline.size(), 1U);
  const auto& trigger = test::fault_of(shrunk.scenario, "late").trigger;
  ASSERT_TRUE(std::holds_alternative<AtTime>(trigger));
  EXPECT_EQ(std::get<AtTime>(trigger).at, seconds(13));
}

TEST(ShrinkMachine, GoesOnFromWhatIsKnown) {
  const test::Shrunk whole = test::shrink_all(is_race);
  const test::Shrunk part = test::shrink_all(is_race, {}, 20);
  EXPECT_EQ(part.candidates, 20);
  const test::Shrunk rest = test::shrink_all(is_race, part.known);
  EXPECT_EQ(rest.candidates, whole.candidates - 20);
  EXPECT_EQ(to_yaml(rest.scenario), to_yaml(whole.scenario));
}

TEST(ShrinkFile, ReadsBackAsItself) {
  const ShrinkFile file{"abc", "linearizable", 12, 3.5, true, {{"d1", true}, {"d2", false}}};
  EXPECT_EQ(to_json(parse_shrink_file(to_json(file)).value()), to_json(file));
  EXPECT_EQ(parse_shrink_file("7").error().what,
            "it is not the state of a shrink that this program knows");
}

TEST(ShrunkScenario, SaysOfItselfWhatItIsAndRuns) {
  ShrinkSetup setup;
  setup.source = "seed-17.squall";
  setup.original = test::big_scenario();
  setup.scope = test::big_scope();
  ShrinkEnd end;
  end.best = test::shrink_all(is_race).scenario;
  end.changes = {"without faults slow, lossy"};
  end.measured = 10;
  end.violated = 7;
  const std::string text = shrunk_yaml(setup, end);
  EXPECT_TRUE(
      text.starts_with("# Shrunk from seed-17.squall.\n"
                       "# It violates linearizable{client=kv}: 7 of 10 fresh runs violated it.\n"
                       "# It was: 6 faults, 3 nodes, 2 clients with 8 processes, 33s of load\n"))
      << text;
  EXPECT_EQ(test::parsed_scenario(text).name, "big-shrunk");
}

}  // namespace
}  // namespace squall
