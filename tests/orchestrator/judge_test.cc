// Exit codes and their order, evidence, doubts.
#include "orchestrator/judge.h"

#include <gtest/gtest.h>

#include "tests/orchestrator/run_text.h"
#include "tests/orchestrator/small_run.h"

namespace squall {
namespace {

using test::recorded;
using test::small_run;

constexpr const char* kCut =
    "[{at: 3s, for: 10s, fault: network.partition, between: [e1, e2], name: cut}]";
constexpr const char* kCutAndCrash =
    "[{at: 3s, for: 10s, fault: network.partition, between: [e1, e2], name: cut}, "
    "{at: 5s, fault: process.kill, on: e1, name: crash}]";

// "1 3: sentence": all codes that apply, the loudest first, and what is said.
std::string judged(const Scenario& scenario, const std::string& text) {
  const Judgement judgement = judge(scenario, recorded(text));
  std::string codes;
  for (const ExitCode code : judgement.applies) {
    codes += (codes.empty() ? "" : " ") + std::to_string(static_cast<int>(code));
  }
  EXPECT_EQ(judgement.code, judgement.applies.front());
  return codes + ": " + judgement.sentence;
}

std::string codes(const Scenario& scenario, const std::string& text) {
  const std::string all = judged(scenario, text);
  return all.substr(0, all.find(':'));
}

const std::string kGood = "fault cut 3s 13s ixc";
const std::string kLate = "fault cut 3s 13s ixc late 1100ms";
const std::string kSafety = "|verdict safety violated 2 adds lost";
const std::string kSlo = "|verdict slo violated too slow";
const std::string kValid = "|verdict safety valid";
const std::string kUnknown = "|verdict safety unknown saw nothing";

TEST(Judge, OrdersExitCodes) {
  const std::string dirty = "|meta dirty e1 kept its rules";
  const std::string aborted = "|meta ending aborted: by hand";
  struct Case {
    std::string text;
    std::string codes;
  };
  const Scenario scenario = small_run(kCut);
  for (const Case& row : std::vector<Case>{
           {kGood + kValid, "0"},
           {kGood + kUnknown, "4"},
           {kGood + kSlo, "1"},
           {kGood + kSlo + kUnknown, "1"},
           {kLate + kSlo, "3 1"},
           {kLate + kValid, "3"},
           {kLate + kUnknown, "3 4"},
           {kGood + kSlo + aborted, "5 1"},
           {kGood + kUnknown + aborted, "5 4"},
           {kLate + kSafety, "1 3"},
           {kGood + kSafety + aborted, "1 5"},
           {kGood + kSafety + kSlo, "1"},
           {kGood + kSafety + dirty, "6 1"},
           {kLate + kSlo + dirty, "6 3 1"},
           {kGood + kValid + dirty, "6"},
       }) {
    EXPECT_EQ(codes(scenario, row.text), row.codes) << row.text;
  }
}

TEST(Judge, SaysWhatHappened) {
  const Scenario scenario = small_run(kCut);
  EXPECT_EQ(judged(scenario, kGood + kValid), "0: as expected: 1 check(s) valid over 100 examined");
  EXPECT_EQ(judged(scenario, kGood + kSafety), "1: violation: safety-check: 2 adds lost");
  EXPECT_EQ(judged(scenario, kLate + kValid),
            "3: invalid, did not run as written: fault 'cut' started 1.1s late; the tolerance is "
            "1s");
  EXPECT_EQ(judged(scenario, kGood + kUnknown), "4: inconclusive: a check could not answer");
  EXPECT_EQ(judged(scenario, kGood + "|meta ending aborted: interrupted by hand"),
            "5: aborted: interrupted by hand");
  EXPECT_EQ(judged(scenario, kGood + "|meta dirty e1 kept its rules"),
            "6: dirty, an undo failed: e1 kept its rules");
}

TEST(Judge, ExpectsAViolationWhereTheScenarioSaysSo) {
  const Scenario scenario = small_run(kCut, "expect: violation");
  EXPECT_EQ(judged(scenario, kGood + kSafety),
            "0: as expected, a violation: safety-check: 2 adds "
            "lost");
  EXPECT_EQ(judged(scenario, kGood + kSlo), "0: as expected, a violation: slo-check: too slow");
  EXPECT_EQ(judged(scenario, kGood + kValid),
            "4: inconclusive: a violation was expected and none showed");
  EXPECT_EQ(judged(scenario, kGood + kUnknown), "4: inconclusive: a check could not answer");
  EXPECT_EQ(codes(scenario, kLate + kSafety), "3");
}

TEST(Judge, TakesEitherAnswerButNotNone) {
  const Scenario scenario = small_run(kCut, "expect: either");
  EXPECT_EQ(codes(scenario, kGood + kSafety), "0");
  EXPECT_EQ(codes(scenario, kGood + kValid), "0");
  EXPECT_EQ(codes(scenario, kGood + kUnknown), "4");
}

TEST(Judge, ExpectsAControlToPassWhateverTheScenarioExpects) {
  const Scenario scenario = small_run("[]", "control: true\nexpect: violation");
  EXPECT_EQ(codes(scenario, "meta control true" + kValid), "0");
  EXPECT_EQ(codes(scenario, "meta control true" + kSafety), "1");
}

TEST(Judge, CallsARunVacuousWhoseFaultsAllHitNothing) {
  EXPECT_EQ(judged(small_run(kCutAndCrash), "fault cut 3s 13s i|event crash 5s i" + kUnknown),
            "3 4: invalid, did not run as written: the run is vacuous: none of its faults hit "
            "anything that the stack did");
}

TEST(Judge, DoubtsOnlyWhenSomeFaultsHitSomething) {
  const Scenario scenario = small_run(kCutAndCrash);
  const std::string text = "fault cut 3s 13s i|event crash 5s ixc";
  EXPECT_EQ(judged(scenario, text + kUnknown), "4: inconclusive: fault 'cut' hit nothing");
}

TEST(Judge, AllowsAFaultThatIsMeantToHitNothing) {
  const Scenario scenario = small_run(
      "[{at: 3s, for: 10s, fault: network.partition, between: [e1, e2], name: cut, "
      "expect-exercised: false, expect-consequence: false}]");
  EXPECT_EQ(codes(scenario, "fault cut 3s 13s i" + kValid), "0");
  EXPECT_EQ(codes(scenario, "fault cut 3s 13s x" + kValid), "3");
}

TEST(Judge, NeedsEveryFaultInstalled) {
  EXPECT_EQ(judged(small_run(kCut), "fault cut 3s 13s xc" + kValid),
            "3: invalid, did not run as written: fault 'cut' was not installed: during it, probe "
            "on e1 expected lost, observed arrived");
}

TEST(Judge, NeedsEveryFaultToFire) {
  EXPECT_EQ(judged(small_run(kCutAndCrash), kGood + kValid),
            "3: invalid, did not run as written: fault 'crash' never fired");
}

TEST(Judge, NeedsALeaseThatHeld) {
  EXPECT_EQ(judged(small_run(kCut), "fault cut 3s 9s ixc lease lost" + kValid),
            "3: invalid, did not run as written: fault 'cut' did not end as written: lease lost");
}

TEST(Judge, NeedsAFaultThatLastedAsLongAsWritten) {
  EXPECT_EQ(judged(small_run(kCut), "fault cut 3s 11.9s ixc" + kValid),
            "3: invalid, did not run as written: fault 'cut' lasted 8.9s instead of 10s");
  EXPECT_EQ(codes(small_run(kCut), "fault cut 3s 13.9s ixc" + kValid), "0");
}

TEST(Judge, ToleratesATenthOfTheLengthOr200Milliseconds) {
  const auto late = [](const std::string& by) { return "fault cut 3s 13s ixc late " + by; };
  EXPECT_EQ(codes(small_run(kCut), late("1s") + kValid), "0");
  EXPECT_EQ(codes(small_run(kCut), late("1001ms") + kValid), "3");
  const Scenario crash = small_run("[{at: 3s, fault: process.kill, on: e1, name: crash}]");
  EXPECT_EQ(codes(crash, "event crash 3s ixc late 200ms" + kValid), "0");
  EXPECT_EQ(codes(crash, "event crash 3s ixc late 201ms" + kValid), "3");
}

TEST(Judge, NeedsARecordedEnd) {
  EXPECT_EQ(judged(small_run(kCut), kGood + kValid + "|meta ending -"),
            "3: invalid, did not run as written: the run was cut off before its end was recorded");
  EXPECT_EQ(codes(small_run(kCut), kGood + kSafety + "|meta ending -"), "1 3");
}

TEST(Judge, RepeatsWhyTheRunCouldNotGoOn) {
  EXPECT_EQ(judged(small_run(kCut), "meta ending invalid: e1 never became ready"),
            "3: invalid, did not run as written: e1 never became ready");
}

TEST(Evidence, IsNotInstalledIfAnyProbeDisagrees) {
  Recording recording = recorded("fault cut 3s 13s ixc");
  EXPECT_TRUE(summarize_evidence(recording, "cut").is_installed);
  recording.evidence.push_back(
      {"cut", "installed", "after", "", "probe e1→e2 v6", "arrived", "lost", false, 0});
  const EvidenceSummary summary = summarize_evidence(recording, "cut");
  EXPECT_FALSE(summary.is_installed);
  EXPECT_EQ(summary.not_installed, "after it, probe e1→e2 v6 expected arrived, observed lost");
}

TEST(Evidence, OfBeforeAndAfterProvesNothing) {
  Recording recording = recorded("");
  recording.evidence.push_back(
      {"cut", "installed", "before", "e1", "probe e1→e2 v4", "arrived", "arrived", true, 0});
  const EvidenceSummary summary = summarize_evidence(recording, "cut");
  EXPECT_FALSE(summary.is_installed);
  EXPECT_EQ(summary.not_installed, "nothing confirmed it while it was active");
}

std::string answers(const Scenario& scenario, const std::string& text) {
  std::string all;
  for (const VerdictRow& row : run_checks(scenario, recorded(text), Budget{})) {
    all += (all.empty() ? "" : "; ") + row.answer + ": " + row.summary;
  }
  return all;
}

TEST(RunChecks, TurnValidIntoUnknownWithoutEvidence) {
  const Scenario scenario = small_run(kCut);
  const std::string line = "|log 5s etcd all well";
  const std::string valid = answers(scenario, kGood + line);
  ASSERT_EQ(valid.substr(0, 7), "valid: ");
  const std::string well = valid.substr(7);
  EXPECT_EQ(answers(scenario, "fault cut 3s 13s i" + line),
            "unknown: nothing wrong found (" + well + "), but fault 'cut' hit nothing");
  EXPECT_EQ(answers(scenario, "fault cut 3s 13s ix" + line),
            "unknown: nothing wrong found (" + well + "), but fault 'cut' had no consequence");
}

TEST(RunChecks, NeverTurnAViolationIntoAnything) {
  const std::string line = "|log 5s etcd panic: at the disco";
  EXPECT_EQ(answers(small_run(kCut), "fault cut 3s 13s i" + line).substr(0, 10), "violated: ");
}

TEST(RunChecks, NeedNoEvidenceInAControl) {
  const Scenario scenario = small_run("[]", "control: true");
  EXPECT_EQ(answers(scenario, "meta control true|log 5s etcd all well").substr(0, 7), "valid: ");
}

// What had not happened yet is no fault of the run; without a violation there was no reason to
// stop.
TEST(Judge, ARunThatStoppedAtAViolationRanAsWritten) {
  const std::string stopped = "|meta ending stopped: linearizable: nil";
  const Scenario scenario = small_run(kCutAndCrash, "expect: violation");
  EXPECT_EQ(judged(scenario, kGood + kSafety + stopped),
            "0: as expected, a violation: safety-check: 2 adds lost");
  EXPECT_EQ(codes(scenario, kGood + kValid + stopped), "4");
  EXPECT_EQ(codes(small_run(kCutAndCrash), kGood + kSafety + stopped), "1");
  EXPECT_EQ(codes(small_run(kCutAndCrash), kGood + kValid + stopped), "4");
}

}  // namespace
}  // namespace squall
