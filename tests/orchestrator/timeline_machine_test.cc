// Which fault is applied and healed when.
#include "orchestrator/timeline_machine.h"

#include <gtest/gtest.h>

#include "tests/orchestrator/small_run.h"
#include "tests/orchestrator/timeline_script.h"

namespace squall {
namespace {

using test::play;
using test::small_run;

constexpr const char* kCut =
    "[{at: 3s, for: 10s, fault: network.partition, between: [region/eu, region/us], name: cut}]";

// One entry per trigger, each a pause of one second on e1.
std::string pause(const std::string& name, const std::string& trigger) {
  return "{" + trigger + ", for: 1s, fault: process.pause, on: e1, name: " + name + "}";
}

TEST(TimelineMachine, AppliesAndHealsAtTheirTimesThenSettles) {
  EXPECT_EQ(play(small_run(kCut),
                 "2.9s tick | 3s tick | 3.2s applied cut | 13.1s tick | 13.2s tick | "
                 "13.3s healed cut | 18.2s tick | 18.3s tick"),
            "3s apply cut | 13.2s heal cut | 18.3s finish");
}

TEST(TimelineMachine, SaysWhenALateFaultWasDue) {
  EXPECT_EQ(play(small_run(kCut), "3.4s tick"), "3.4s apply cut (due 3s)");
}

TEST(TimelineMachine, FinishesOnceAndStaysQuiet) {
  EXPECT_EQ(play(small_run("[]", "settle: 2s"), "0s tick | 2s tick | 3s tick | 4s abort late"),
            "2s finish");
}

TEST(TimelineMachine, AViolationHealsWhatStandsAndEndsTheRun) {
  EXPECT_EQ(play(small_run(kCut), "3s tick | 3s applied cut | 4s violation of it | 5s healed cut"),
            "3s apply cut | 4s heal cut | 5s finish stopped: of it");
  EXPECT_EQ(play(small_run(kCut), "1s tick | 2s violation of it | 3s tick"),
            "2s finish stopped: of it");
}

TEST(TimelineMachine, FollowsTheEndOfAnotherFault) {
  const Scenario scenario = small_run("[" + pause("first", "at: 1s") + ", " +
                                      pause("second", "after: {fault: first, by: 2s}") + "]");
  EXPECT_EQ(play(scenario,
                 "1s tick | 1s applied first | 2s tick | 2.5s healed first | 4.4s tick | "
                 "4.5s tick"),
            "1s apply first | 2s heal first | 4.5s apply second");
}

TEST(TimelineMachine, FollowsTheStartOfAnotherFault) {
  const Scenario scenario =
      small_run("[" + pause("first", "at: 1s") + ", " +
                pause("second", "after: {fault: first, of: start, by: 500ms}") + "]");
  EXPECT_EQ(play(scenario, "1s tick | 1.1s applied first | 1.6s tick"),
            "1s apply first | 1.6s apply second");
}

TEST(TimelineMachine, TakesTheStartOfAnEventForItsEnd) {
  const Scenario scenario = small_run("[{at: 1s, fault: process.kill, on: e1, name: crash}, " +
                                      pause("next", "after: {fault: crash, by: 1s}") + "]");
  EXPECT_EQ(play(scenario, "1s tick | 1s applied crash | 2s tick"),
            "1s apply crash | 2s apply next");
}

TEST(TimelineMachine, NeverHealsAnEvent) {
  EXPECT_EQ(play(small_run("[{at: 1s, fault: process.kill, on: e1, name: crash}]"),
                 "1s tick | 1.1s applied crash | 6s tick | 6.1s tick"),
            "1s apply crash | 6.1s finish");
}

TEST(TimelineMachine, FiresAtTheLogLineOfItsSource) {
  const Scenario scenario = small_run("[" + pause("p", "when: {log: 'acq.*red', of: lock}") + "]");
  EXPECT_EQ(play(scenario, "1s log kv acquired | 2s log lock waits | 3s log lock now acquired 7"),
            "3s apply p");
}

TEST(TimelineMachine, FiresAtALogLineOfAnySourceAndOnce) {
  const Scenario scenario = small_run("[" + pause("p", "when: {log: boom}") + "]");
  EXPECT_EQ(play(scenario,
                 "1s log etcd boom | 1s applied p | 2s log etcd boom | 2s healed p | "
                 "3s log etcd boom"),
            "1s apply p | 2s heal p");
}

TEST(TimelineMachine, LooksAtTheFirst4096BytesOfALineOnly) {
  const Scenario scenario = small_run("[" + pause("p", "when: {log: '(a|b)*c'}") + "]");
  TimelineMachine machine(scenario);
  EXPECT_TRUE(machine.on_log(Duration(0), "etcd", std::string(16'384, 'a') + "c").empty());
  EXPECT_EQ(machine.on_log(Duration(0), "etcd", std::string(4'095, 'a') + "c").size(), 1U);
}

TEST(TimelineMachine, FiresWhenAMetricHoldsLongEnough) {
  const Scenario scenario =
      small_run("[" + pause("p", "when: {metric: availability, below: 50%, for: 2s}") + "]");
  EXPECT_EQ(play(scenario,
                 "1s metrics availability=0.4 | 2s metrics availability=0.6 | "
                 "3s metrics availability=0.4 | 4.9s metrics availability=0.1 | "
                 "5s metrics availability=0.49"),
            "5s apply p");
}

TEST(TimelineMachine, IgnoresAMetricThatNobodyMeasured) {
  const Scenario scenario = small_run("[" + pause("p", "when: {metric: errors, above: 3}") + "]");
  EXPECT_EQ(play(scenario, "1s metrics availability=0 | 2s metrics errors=3 | 3s metrics errors=4"),
            "3s apply p");
}

TEST(TimelineMachine, FiresAfterAClientsOperations) {
  const Scenario scenario = small_run("[" + pause("p", "when: {operations: 100, of: kv}") + "]");
  EXPECT_EQ(play(scenario, "1s metrics lock:500 kv:99 | 2s metrics lock:501 kv:100"), "2s apply p");
}

TEST(TimelineMachine, HealsBeforeItAppliesAtTheSameTime) {
  const Scenario scenario =
      small_run("[" + pause("second", "at: 2s") + ", " + pause("first", "at: 1s") + "]");
  EXPECT_EQ(play(scenario, "1s tick | 1s applied first | 2s tick"),
            "1s apply first | 2s heal first | 2s apply second");
}

TEST(TimelineMachine, HoldsOverlappingFaultsEachForItsOwnTime) {
  const Scenario scenario = small_run(
      "[{at: 1s, for: 5s, fault: process.pause, on: e1, name: long}, "
      "{at: 2s, for: 1s, fault: process.pause, on: e1, name: short}]");
  EXPECT_EQ(play(scenario,
                 "1s tick | 1s applied long | 2s tick | 2s applied short | 3s tick | "
                 "3s healed short | 6s tick | 6s healed long | 11s tick"),
            "1s apply long | 2s apply short | 3s heal short | 6s heal long | 11s finish");
}

TEST(TimelineMachine, WaitsForTheHealBeforeItSettles) {
  EXPECT_EQ(play(small_run(kCut), "3s tick | 3s applied cut | 13s tick | 30s tick"),
            "3s apply cut | 13s heal cut");
}

TEST(TimelineMachine, HealsWhatIsActiveOnAbortAndStartsNothingMore) {
  const Scenario scenario =
      small_run("[" + pause("now", "at: 1s") + ", " + pause("later", "at: 2s") + "]");
  EXPECT_EQ(
      play(scenario, "1s tick | 1s applied now | 1.5s abort by hand | 1.6s healed now | 9s tick"),
      "1s apply now | 1.5s heal now | 1.6s finish aborted: by hand");
}

TEST(TimelineMachine, HealsAFaultThatWasStartingWhenTheRunWasAborted) {
  EXPECT_EQ(
      play(small_run(kCut), "3s tick | 3.1s abort by hand | 3.2s applied cut | 3.3s healed cut"),
      "3s apply cut | 3.2s heal cut | 3.3s finish aborted: by hand");
}

TEST(TimelineMachine, DoesNotSettleAfterAnAbort) {
  EXPECT_EQ(play(small_run("[]", "settle: 20s"), "0s tick | 3s abort by hand"),
            "3s finish aborted: by hand");
}

TEST(TimelineMachine, KeepsTheFirstReasonOfSeveral) {
  EXPECT_EQ(play(small_run(kCut),
                 "3s tick | 3s applied cut | 4s abort first | 5s abort second | 6s healed cut"),
            "3s apply cut | 4s heal cut | 6s finish aborted: first");
}

TEST(TimelineMachine, IsInvalidWhenAFaultCannotBeApplied) {
  const Scenario scenario =
      small_run("[" + pause("good", "at: 1s") + ", {at: 1500ms, for: 1s, fault: process.pause, " +
                "on: e2, name: bad}]");
  EXPECT_EQ(
      play(scenario, "1s tick | 1s applied good | 1.5s tick | 1.6s failed bad | 1.7s healed good"),
      "1s apply good | 1.5s apply bad | 1.6s heal good | "
      "1.7s finish invalid: fault 'bad' could not be applied");
}

TEST(TimelineMachine, IsInvalidWhenATriggerNeverFires) {
  const Scenario scenario = small_run("[" + pause("p", "when: {log: never}") + "]", "limit: 30s");
  EXPECT_EQ(play(scenario, "30s tick | 30.1s tick"),
            "30.1s finish invalid: the timeline passed its limit of 30s; a trigger may never have "
            "fired");
}

TEST(TimelineMachine, AbortsWhenTheGuardHoldsLongEnough) {
  const Scenario scenario =
      small_run(kCut, "guard: {abort-when: {metric: availability, below: 20%, for: 2s}}");
  EXPECT_EQ(play(scenario,
                 "3s tick | 3s applied cut | 4s metrics availability=0.1 | "
                 "6s metrics availability=0.1 | 7s healed cut"),
            "3s apply cut | 6s heal cut | "
            "7s finish aborted: guard: availability below its bound for 2s");
}

TEST(TimelineMachine, RunsAControlAsLongAsItsFaultsWouldHaveTaken) {
  EXPECT_EQ(play(small_run("[]", "control: true\nduration: 13s\nsettle: 5s"),
                 "0s tick | 13s tick | 17.9s tick | 18s tick"),
            "18s finish");
}

TEST(TimelineMachine, KnowsHowLongItHasNothingToDo) {
  using std::chrono::seconds;
  const Scenario scenario = small_run(kCut);
  TimelineMachine machine(scenario);
  EXPECT_EQ(machine.until_due(seconds(1), seconds(9)), seconds(2));
  EXPECT_EQ(machine.until_due(seconds(1), seconds(1)), seconds(1));
  EXPECT_EQ(machine.until_due(seconds(5), seconds(9)), seconds(0));
  (void)play(machine, scenario, "3s tick");
  EXPECT_EQ(machine.until_due(seconds(3), seconds(9)), seconds(9));  // until it is applied
  (void)play(machine, scenario, "4s applied cut");
  EXPECT_EQ(machine.until_due(seconds(10), seconds(9)), seconds(4));
  (void)play(machine, scenario, "14s tick | 15s healed cut");
  EXPECT_EQ(seconds(15) + machine.until_due(seconds(15), seconds(9)), machine.planned_end());
}

TEST(TimelineMachine, PlansItsEnd) {
  const Scenario scenario = small_run(kCut);
  TimelineMachine machine(scenario);
  EXPECT_EQ(machine.planned_end(), std::chrono::seconds(18));
  (void)play(machine, scenario, "3s tick");
  EXPECT_EQ(machine.planned_end(), std::chrono::seconds(18));
  (void)play(machine, scenario, "4s applied cut");
  EXPECT_EQ(machine.planned_end(), std::chrono::seconds(19));
  const Scenario open = small_run("[" + pause("p", "when: {log: never}") + "]");
  EXPECT_EQ(TimelineMachine(open).planned_end(), std::nullopt);
}

}  // namespace
}  // namespace squall
