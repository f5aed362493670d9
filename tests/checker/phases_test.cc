// Phases: what is before, during, after and recovered, with every kind of fault.
#include "checker/phases.h"

#include <gtest/gtest.h>
#include <set>

#include "tests/checker/load_text.h"

namespace squall {
namespace {

using test::event;
using test::fault;
using test::kMs;

// One operation each 100 ms from 0 to 20 s; windows of 1 s, two in a row; `bad` are the seconds
// (counted on the windows' own grid by their beginning) that are outside.
std::string phases(std::vector<FaultInterval> faults, const std::vector<TimeSpan>& bad,
                   const std::vector<TimeSpan>& silent = {}) {
  const auto overlaps = [](const std::vector<TimeSpan>& all, std::int64_t from, std::int64_t to) {
    for (const TimeSpan& span : all) {
      if (from < span.to * kMs && to > span.from * kMs) return true;
    }
    return false;
  };
  PhaseRule rule;
  rule.load = {0, 20'000 * kMs};
  rule.window = 1'000 * kMs;
  rule.windows = 2;
  rule.state = [&](const TimeSpan& span) {
    return overlaps(bad, span.from, span.to) ? WindowState::kOutside : WindowState::kInside;
  };
  rule.next = [&](std::int64_t at) {
    std::int64_t next = (std::max<std::int64_t>(at, 0) + 100 * kMs - 1) / (100 * kMs) * 100 * kMs;
    while (next < rule.load.to && overlaps(silent, next, next + 1)) next += 100 * kMs;
    return next < rule.load.to ? next : kNever;
  };
  const Phases found = find_phases(faults, rule);
  std::string text;
  for (const Phase& phase : found.phases) {
    text += (text.empty() ? "" : " | ") + phase.name();
    for (const TimeSpan& span : phase.spans) {
      text += " " + std::to_string(span.from / kMs) + "-" + std::to_string(span.to / kMs);
    }
  }
  for (const Recovery& recovery : found.recoveries) {
    text += "\n" + recovery.fault + " recovered " +
            (recovery.took ? std::to_string(*recovery.took / kMs) : "never") +
            (recovery.is_cut_short ? " cut short" : "");
  }
  for (const Detection& detection : found.detections) {
    text += "\n" + detection.fault + " seen " +
            (detection.took ? std::to_string(*detection.took / kMs) : "never");
  }
  return text;
}

FaultInterval cut(std::int64_t from, std::int64_t to, const std::string& id = "cut") {
  return fault(id, "network.partition", "eu | us", from, to);
}

TEST(Phases, WithoutFaultsThereIsOne) {
  EXPECT_EQ(phases({}, {}), "the whole run 0-20000");
}

TEST(Phases, OneFaultMakesFour) {
  EXPECT_EQ(phases({cut(3'000, 8'000)}, {{3'500, 11'000}}),
            "before 0-3000 | during cut 3000-8000 | after 8000-11000 | recovered 11000-20000\n"
            "cut recovered 3000\n"
            "cut seen 1000");
}

TEST(Phases, WhatWasNeverOutsideRecoversAtOnceAndIsNeverSeen) {
  EXPECT_EQ(phases({cut(3'000, 8'000)}, {}),
            "before 0-3000 | during cut 3000-8000 | recovered 8000-20000\n"
            "cut recovered 0\n"
            "cut seen never");
}

TEST(Phases, OneGoodWindowIsNoRecovery) {
  EXPECT_EQ(phases({cut(3'000, 8'000)}, {{3'500, 9'000}, {10'000, 11'000}}),
            "before 0-3000 | during cut 3000-8000 | after 8000-11000 | recovered 11000-20000\n"
            "cut recovered 3000\n"
            "cut seen 1000");
}

TEST(Phases, SilenceIsNoRecovery) {
  EXPECT_EQ(phases({cut(3'000, 8'000)}, {{8'000, 9'000}}, {{10'000, 12'000}}),
            "before 0-3000 | during cut 3000-8000 | after 8000-12000 | recovered 12000-20000\n"
            "cut recovered 4000\n"
            "cut seen 6000");
}

TEST(Phases, NeverRecovered) {
  EXPECT_EQ(phases({cut(3'000, 8'000)}, {{4'200, 20'000}}),
            "before 0-3000 | during cut 3000-8000 | after 8000-20000\n"
            "cut recovered never\n"
            "cut seen 2000");
}

TEST(Phases, OverlappingFaultsHaveEachADuringAndOneRecovery) {
  EXPECT_EQ(phases({cut(5'000, 9'000, "b"), cut(3'000, 8'000, "a")}, {{3'000, 10'000}}),
            "before 0-3000 | during a 3000-8000 | during b 5000-9000 | after 9000-10000 | "
            "recovered 10000-20000\n"
            "b recovered 1000\n"
            "a seen 1000\n"
            "b seen 1000");
  EXPECT_EQ(phases({cut(3'000, 9'000, "a"), cut(5'000, 7'000, "b")}, {}),
            "before 0-3000 | during a 3000-9000 | during b 5000-7000 | recovered 9000-20000\n"
            "a recovered 0\n"
            "a seen never\n"
            "b seen never");
}

TEST(Phases, TheNextFaultEndsARecovery) {
  EXPECT_EQ(phases({cut(3'000, 5'000, "a"), cut(8'000, 9'000, "b")}, {{3'000, 10'000}}),
            "before 0-3000 | during a 3000-5000 | during b 8000-9000 | after 5000-8000 9000-10000 "
            "| recovered 10000-20000\n"
            "a recovered never cut short\n"
            "b recovered 1000\n"
            "a seen 1000\n"
            "b seen 1000");
}

TEST(Phases, AnEventIsAnInstantAndWhatFollowsIsAfter) {
  EXPECT_EQ(phases({event("kill", "process.kill", 4'000)}, {{4'000, 6'000}}),
            "before 0-4000 | after 4000-6000 | recovered 6000-20000\n"
            "kill recovered 2000\n"
            "kill seen 1000");
  // Inside of another fault it only adds what it did.
  EXPECT_EQ(phases({cut(3'000, 8'000), event("kill", "process.kill", 4'000)}, {}),
            "before 0-3000 | during cut 3000-8000 | recovered 8000-20000\n"
            "cut recovered 0\n"
            "cut seen never\n"
            "kill seen never");
}

TEST(Phases, AFaultThatNeverEndedLastsUntilTheEnd) {
  FaultInterval forever = cut(3'000, 0);
  forever.end = kNever;
  EXPECT_EQ(phases({forever}, {{3'000, 20'000}}),
            "before 0-3000 | during cut 3000-20000\n"
            "cut recovered never\n"
            "cut seen 1000");
}

TEST(Phases, ALostLeaseEndsAFaultLikeAHealAndOneThatWasNotAppliedIsNone) {
  FaultInterval lost = cut(3'000, 8'000);
  lost.ending = "lease lost";
  FaultInterval refused = cut(12'000, 12'000, "refused");
  refused.ending = "not applied: e1 refused";
  EXPECT_EQ(phases({lost, refused}, {{3'000, 8'000}}),
            "before 0-3000 | during cut 3000-8000 | recovered 8000-20000\n"
            "cut recovered 0\n"
            "cut seen 1000");
  EXPECT_EQ(phases({refused}, {}), "the whole run 0-20000");
}

TEST(Phases, AFaultBeginsWithItsFirstNode) {
  FaultInterval slow = cut(3'000, 8'000);
  slow.requested_start = 2'600 * kMs;  // the last node had it 400 ms later
  EXPECT_EQ(phases({slow}, {}).substr(0, 38), "before 0-2600 | during cut 2600-8000 |");
}

}  // namespace
}  // namespace squall
