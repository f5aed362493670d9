// Which probes are sent, and what the agents' word about a process proves.
#include <gtest/gtest.h>

#include "orchestrator/probe_plan.h"
#include "orchestrator/process_evidence.h"

namespace squall {
namespace {

std::vector<NodeName> nodes(int count) {
  std::vector<NodeName> all;
  for (int i = 1; i <= count; ++i) all.emplace_back("e" + std::to_string(i));
  return all;
}

TargetedEffect drop(const std::string& at, const std::string& from) {
  return {NodeName(at), DropFrom{{NodeName(from)}}};
}

// The v4 probes, a cut one with a cross; each must have its v6 twin right behind it.
std::string plan(const std::vector<NodeName>& all, const std::vector<TargetedEffect>& effects) {
  const std::vector<ProbePair> pairs = plan_probes(all, effects);
  std::string text;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    const ProbePair& v4 = pairs[i];
    const ProbePair& v6 = pairs[i + 1];
    EXPECT_TRUE(!v4.is_ipv6 && v6.is_ipv6 && v4.from == v6.from && v4.to == v6.to);
    EXPECT_EQ(v4.is_cut, v6.is_cut);
    text += (i == 0 ? "" : " ") + v4.from.get() + (v4.is_cut ? "×" : "→") + v4.to.get();
  }
  return text;
}

TEST(ProbePlan, CrossesTheCutAndEveryOtherPairAsAControl) {
  EXPECT_EQ(plan(nodes(3), {drop("e1", "e2"), drop("e2", "e1")}),
            "e1×e2 e1→e3 e2×e1 e2→e3 e3→e1 e3→e2");
}

TEST(ProbePlan, KnowsThatADropIsOneWay) {
  EXPECT_EQ(plan(nodes(2), {drop("e2", "e1")}), "e1×e2 e2→e1");
}

TEST(ProbePlan, SendsNothingForFaultsOfProcesses) {
  EXPECT_EQ(plan(nodes(3), {{NodeName("e1"), Pause{ProcessName("etcd")}}}), "");
}

TEST(ProbePlan, OfALargeStackKeepsOnlyControlsAmongTheTouched) {
  std::vector<TargetedEffect> effects = {drop("e1", "e2")};
  EXPECT_EQ(plan(nodes(21), effects), "e1→e2 e2×e1");
  effects.push_back(drop("e3", "e2"));
  EXPECT_EQ(plan(nodes(21), effects), "e1→e2 e1→e3 e2×e1 e2×e3 e3→e1 e3→e2");
}

TEST(ProbePlan, CutsNothingBeforeAndAfter) {
  const std::vector<ProbePair> pairs =
      without_cuts(plan_probes(nodes(2), {drop("e1", "e2"), drop("e2", "e1")}));
  ASSERT_EQ(pairs.size(), 4U);
  for (const ProbePair& pair : pairs) EXPECT_FALSE(pair.is_cut);
  EXPECT_EQ(pairs[1].to_text(), "probe e1→e2 v6");
}

std::vector<ProcessStatus> etcd(int pid, const std::string& state) {
  return {{"redis", 7, "running", 0}, {"etcd", pid, state, 0}};
}

// "installed yes: state of etcd expected paused observed running", one a line.
std::string proof(const Effect& effect, const std::string& moment,
                  const std::vector<ProcessStatus>& before, const std::vector<ProcessStatus>& now) {
  std::string text;
  for (const EvidenceRow& row : process_rows("f", moment, {NodeName("e1"), effect}, before, now)) {
    EXPECT_EQ(row.fault + row.moment + row.node, "f" + moment + "e1");
    text += (text.empty() ? "" : "\n") + row.grade + (row.holds ? " yes: " : " no: ") + row.what +
            " expected " + row.expected + " observed " + row.observed;
  }
  return text;
}

const Effect kPause = Pause{ProcessName("etcd")};

TEST(ProcessEvidence, OfAPauseIsThePausedProcess) {
  EXPECT_EQ(proof(kPause, "during", etcd(5, "running"), etcd(5, "paused")),
            "installed yes: state of etcd expected paused observed paused");
  EXPECT_EQ(proof(kPause, "during", etcd(5, "running"), etcd(5, "running")),
            "installed no: state of etcd expected paused observed running");
  EXPECT_EQ(proof(kPause, "during", {}, {}),
            "installed no: state of etcd expected paused observed unknown to the agent");
}

TEST(ProcessEvidence, OfAHealedPauseIsAProcessThatGoesOn) {
  EXPECT_EQ(proof(kPause, "after", {}, etcd(5, "running")),
            "installed yes: state of etcd expected not paused observed running");
  EXPECT_EQ(proof(kPause, "after", {}, etcd(5, "paused")),
            "installed no: state of etcd expected not paused observed paused");
}

Effect kill(bool is_restarted = false) {
  Kill kill{ProcessName("etcd")};
  kill.is_restarted = is_restarted;
  return kill;
}

TEST(ProcessEvidence, OfAKillIsAProcessThatRanAndIsGone) {
  EXPECT_EQ(proof(kill(), "during", etcd(5, "running"), etcd(5, "killed")),
            "installed yes: process etcd pid 5 expected gone observed gone (killed)\n"
            "exercised yes: etcd when the signal came expected running observed running");
}

TEST(ProcessEvidence, OfAKillIsAlsoAnotherProcessInItsPlace) {
  EXPECT_EQ(proof(kill(), "during", etcd(5, "running"), etcd(6, "running")),
            "installed yes: process etcd pid 5 expected gone observed gone (running)\n"
            "exercised yes: etcd when the signal came expected running observed running");
}

TEST(ProcessEvidence, OfAKillIsNotAProcessThatSurvived) {
  EXPECT_EQ(proof(kill(), "during", etcd(5, "running"), etcd(5, "running")),
            "installed no: process etcd pid 5 expected gone observed running\n"
            "exercised yes: etcd when the signal came expected running observed running");
}

TEST(ProcessEvidence, OfAKillHitsNothingThatWasDownAlready) {
  EXPECT_EQ(proof(kill(), "during", etcd(5, "exited"), etcd(5, "exited")),
            "installed yes: process etcd pid 5 expected gone observed gone (exited)\n"
            "exercised no: etcd when the signal came expected running observed exited");
  EXPECT_EQ(proof(kill(), "during", {}, {}),
            "installed yes: process etcd expected gone observed gone (unknown to the agent)\n"
            "exercised no: etcd when the signal came expected running observed unknown to the "
            "agent");
}

TEST(ProcessEvidence, AfterAKillIsTheRestartThatWasAskedFor) {
  EXPECT_EQ(proof(kill(), "after", etcd(5, "running"), etcd(5, "killed")), "");
  EXPECT_EQ(proof(kill(true), "after", etcd(5, "running"), etcd(6, "running")),
            "installed yes: state of etcd expected running observed running");
  EXPECT_EQ(proof(kill(true), "after", etcd(5, "running"), etcd(5, "killed")),
            "installed no: state of etcd expected running observed killed");
}

TEST(ProcessEvidence, SaysNothingOfOtherPlanes) {
  EXPECT_EQ(proof(DropFrom{{NodeName("e2")}}, "during", {}, {}), "");
}

}  // namespace
}  // namespace squall
