// The fault side of an agent on a fake node.
#include "agent/agent_core.h"

#include <gtest/gtest.h>

#include "tests/agent/fake_agent.h"

namespace squall {
namespace {

using std::chrono::seconds;

constexpr const char* kCut = "network.partition cut: e1 | e2";
constexpr const char* kHold = "process.pause hold: e1/etcd";

std::string journal_text(const FakeKernel& kernel) {
  std::string text;
  for (const std::string& line : kernel.journal) text += line + "\n";
  return text;
}

TEST(AgentCore, CutsBothFamiliesAndHeals) {
  FakeAgent agent;
  const std::string before = agent.kernel.fingerprint();
  const auto applied = agent.apply(kCut);
  ASSERT_TRUE(applied.ok()) << applied.error().what;
  EXPECT_EQ(applied->effects, std::vector<std::string>{"drop packets from e2"});
  EXPECT_TRUE(agent.kernel.drops("198.18.0.2"));
  EXPECT_TRUE(agent.kernel.drops("fd00::2"));
  EXPECT_FALSE(agent.kernel.drops("198.18.0.3"));
  ASSERT_TRUE(agent.core->heal(FaultId("cut")).ok());
  EXPECT_EQ(agent.kernel.fingerprint(), before);
}

TEST(AgentCore, StopsAProcessWithItsChildrenAndContinuesThem) {
  FakeAgent agent;
  ASSERT_TRUE(agent.apply(kHold).ok());
  EXPECT_TRUE(agent.kernel.processes.at({10, 1}).is_stopped);
  EXPECT_TRUE(agent.kernel.processes.at({11, 1}).is_stopped);
  EXPECT_FALSE(agent.kernel.processes.at({20, 1}).is_stopped);
  EXPECT_FALSE(parse_journal(journal_text(agent.kernel)).changes.empty());
  ASSERT_TRUE(agent.core->heal_all().ok());
  EXPECT_FALSE(agent.kernel.processes.at({10, 1}).is_stopped);
  EXPECT_TRUE(parse_journal(journal_text(agent.kernel)).changes.empty());
}

TEST(AgentCore, LeavesAProcessToHimWhoHadStoppedItBefore) {
  FakeAgent agent;
  agent.kernel.processes[{11, 1}].is_stopped = true;
  ASSERT_TRUE(agent.apply(kHold).ok());
  ASSERT_TRUE(agent.core->heal_all().ok());
  EXPECT_TRUE(agent.kernel.processes.at({11, 1}).is_stopped);
  EXPECT_FALSE(agent.kernel.processes.at({10, 1}).is_stopped);
}

TEST(AgentCore, PicksUpAProcessThatWasRestarted) {
  FakeAgent agent;
  ASSERT_TRUE(agent.apply(kHold).ok());
  agent.kernel.processes[{30, 2}] = {};
  agent.stack.running["etcd"] = {30, 2};
  agent.clock.advance(kPickUpPeriod);
  (void)agent.core->tick();
  EXPECT_TRUE(agent.kernel.processes.at({30, 2}).is_stopped);
}

TEST(AgentCore, FreezesWhereItHasACgroup) {
  FakeAgent agent("/cgroup");
  ASSERT_TRUE(agent.apply(kHold).ok());
  EXPECT_EQ(agent.kernel.freezers.at("/cgroup/squall-e1-etcd").size(), 2U);
  EXPECT_FALSE(agent.kernel.processes.at({10, 1}).is_stopped);
  EXPECT_EQ(agent.core->observe()->planes.at(1).observed, "etcd: frozen\n");
  ASSERT_TRUE(agent.core->heal_all().ok());
  EXPECT_TRUE(agent.kernel.freezers.empty());
}

TEST(AgentCore, KeepsAFaultForManyLeasesWhileItIsRenewed) {
  FakeAgent agent;
  ASSERT_TRUE(agent.apply(kCut).ok());
  ASSERT_TRUE(agent.apply(kHold).ok());
  for (int i = 0; i < 20; ++i) {
    agent.clock.advance(seconds(2));
    (void)agent.core->tick();
    const auto renewed = agent.core->renew(seconds(5));
    ASSERT_TRUE(renewed.ok());
    EXPECT_EQ(renewed->active.size(), 2U);
    EXPECT_TRUE(agent.kernel.drops("fd00::2"));
    EXPECT_TRUE(agent.kernel.processes.at({10, 1}).is_stopped);
  }
}

TEST(AgentCore, HealsByItselfWhenNobodyRenews) {
  FakeAgent agent;
  const std::string before = agent.kernel.fingerprint();
  ASSERT_TRUE(agent.apply(kCut).ok());
  ASSERT_TRUE(agent.apply(kHold).ok());
  agent.clock.advance(seconds(5));
  (void)agent.core->tick();
  EXPECT_EQ(agent.kernel.fingerprint(), before);
  EXPECT_EQ(agent.core->renew(seconds(5))->lost.size(), 2U);
  EXPECT_TRUE(agent.core->renew(seconds(5))->lost.empty());
}

// The agent hung for longer than its lease: kernel and watchdog have ended everything.
TEST(AgentCore, ArmsNothingAgainThatHasLapsed) {
  FakeAgent agent;
  const std::string before = agent.kernel.fingerprint();
  ASSERT_TRUE(agent.apply(kCut).ok());
  ASSERT_TRUE(agent.apply(kHold).ok());
  agent.clock.advance(seconds(6));
  agent.board.revoke_expired(agent.clock.boot());
  const auto renewed = agent.core->renew(seconds(5));
  ASSERT_TRUE(renewed.ok());
  EXPECT_EQ(renewed->lost.size(), 2U);
  EXPECT_EQ(agent.kernel.fingerprint(), before);
  EXPECT_EQ(agent.apply(kCut).error().what,
            "the lease of 'cut' is lost; apply it again under another id");
  EXPECT_EQ(agent.core->heal(FaultId("cut"))->lost, std::vector<FaultId>{FaultId("cut")});
}

// The kernel's timer may run ahead of ours: its word counts.
TEST(AgentCore, BelievesTheKernelThatALeaseHasLapsed) {
  FakeAgent agent;
  ASSERT_TRUE(agent.apply(kCut).ok());
  ASSERT_TRUE(agent.apply("network.partition other: e1 | e3").ok());
  agent.kernel.tables.begin()->second.sets["f_cut_lease"].elements.clear();
  const auto renewed = agent.core->renew(seconds(5));
  ASSERT_TRUE(renewed.ok()) << renewed.error().what;
  ASSERT_EQ(renewed->lost.size(), 1U);
  EXPECT_EQ(renewed->lost[0].fault.get(), "cut");
  EXPECT_FALSE(agent.kernel.drops("198.18.0.2"));
  EXPECT_TRUE(agent.kernel.drops("198.18.0.3"));
}

TEST(AgentCore, AppliesAFaultOnceHoweverOftenItIsAsked) {
  FakeAgent agent;
  const MonoTime first = agent.apply(kCut)->at;
  const std::string state = agent.kernel.fingerprint();
  agent.clock.advance(seconds(4));
  EXPECT_EQ(agent.apply(kCut)->at, first);
  EXPECT_EQ(agent.kernel.fingerprint(), state);
  agent.clock.advance(seconds(4));
  (void)agent.core->tick();
  EXPECT_TRUE(agent.kernel.drops("198.18.0.2"));  // the second call renewed it
}

TEST(AgentCore, KillsATreeOnceAndPlansTheRestart) {
  FakeAgent agent;
  constexpr const char* kKill = "process.kill k: e1/etcd (restart-after=2s)";
  ASSERT_TRUE(agent.apply(kKill).ok());
  EXPECT_FALSE(agent.kernel.processes.contains({10, 1}));
  EXPECT_FALSE(agent.kernel.processes.contains({11, 1}));
  EXPECT_EQ(agent.stack.planned.at("etcd"), Duration(seconds(2)));
  agent.kernel.processes[{40, 3}] = {};
  agent.stack.running["etcd"] = {40, 3};
  ASSERT_TRUE(agent.apply(kKill).ok());
  EXPECT_TRUE(agent.kernel.processes.contains({40, 3}));
}

TEST(AgentCore, RefusesWhatItCannotDo) {
  FakeAgent agent;
  EXPECT_EQ(agent.apply("process.pause p: e1/etc").error().what,
            "there is no process 'etc' here; did you mean 'etcd'?");
  EXPECT_EQ(agent.apply("process.kill k: e1/postgres").error().what,
            "process 'postgres' is not running here");
  EXPECT_EQ(agent.apply("network.partition c: e2 | e3").error().what,
            "network.partition c does nothing on node 'e1'");
  EXPECT_EQ(agent.apply(kCut, std::chrono::milliseconds(10)).error().what,
            "a lease of 10ms is outside 1s to 1m");
  agent.is_watchdog_alive = false;
  EXPECT_EQ(agent.apply(kHold).error().code, Errc::kUnsupported);
}

TEST(AgentCore, ContinuesEverythingWhenTheWatchdogDies) {
  FakeAgent agent;
  ASSERT_TRUE(agent.apply(kHold).ok());
  agent.is_watchdog_alive = false;
  (void)agent.core->tick();
  EXPECT_FALSE(agent.kernel.processes.at({10, 1}).is_stopped);
}

TEST(AgentCore, ObservesWhatItDesires) {
  FakeAgent agent;
  ASSERT_TRUE(agent.apply(kCut).ok());
  ASSERT_TRUE(agent.apply(kHold).ok());
  const auto view = agent.core->observe();
  ASSERT_TRUE(view.ok()) << view.error().what;
  EXPECT_EQ(view->planes.at(0).desired, "cut: drop from 198.18.0.2, fd00::2\n");
  EXPECT_EQ(view->planes.at(0).observed, view->planes.at(0).desired);
  EXPECT_EQ(view->planes.at(1).desired, "etcd: stopped\n");
  EXPECT_EQ(view->planes.at(1).observed, view->planes.at(1).desired);
  agent.kernel.processes[{10, 1}].is_stopped = false;
  EXPECT_EQ(agent.core->observe()->planes.at(1).observed, "");
}

// Every call fails once, at every place: the end is clean, or dirty with its journal intact and
// clean after the retry.
TEST(AgentCore, CountsOnlyWhatWasRunningBefore) {
  for (const char* parent : {"", "/cgroup"}) {
    FakeAgent agent(parent);
    agent.kernel.processes.at({11, 1}).is_stopped = true;
    ASSERT_TRUE(agent.apply(kHold).ok());
    const Result<NodeView> view = agent.core->observe();
    ASSERT_TRUE(view.ok()) << view.error().what;
    ASSERT_EQ(view->counters.size(), 1U);
    EXPECT_EQ(view->counters[0].what, "paused processes");
    EXPECT_EQ(view->counters[0].count, 1U);
  }
}

TEST(AgentCore, ForgetsTheOldestOfTheFaultsThatAreOver) {
  FakeAgent agent;
  const int count = static_cast<int>(kMaxRememberedFaults) + 10;
  for (int i = 0; i < count; ++i) {
    const std::string id = "hold" + std::to_string(i);
    ASSERT_TRUE(agent.apply("process.pause " + id + ": e1/etcd").ok());
    ASSERT_TRUE(agent.core->heal(FaultId(id)).ok());
  }
  const Result<NodeView> view = agent.core->observe();
  ASSERT_TRUE(view.ok()) << view.error().what;
  ASSERT_EQ(view->counters.size(), kMaxRememberedFaults);
  for (const CounterView& counter : view->counters) EXPECT_NE(counter.fault.get(), "hold9");
}

TEST(AgentCore, ForgetsTheOldestEvents) {
  FakeAgent agent;
  const std::string old = "process.kill old: e1/etcd";
  ASSERT_TRUE(agent.apply(old).ok());
  const auto is_repeated = [&] {
    agent.kernel.processes[{10, 1}] = {};
    const int calls = agent.kernel.calls;
    EXPECT_TRUE(agent.apply(old).ok());
    return agent.kernel.calls > calls;
  };
  EXPECT_FALSE(is_repeated());
  for (std::size_t i = 0; i < kMaxRememberedFaults; ++i) {
    agent.kernel.processes[{10, 1}] = {};
    ASSERT_TRUE(agent.apply("process.kill k" + std::to_string(i) + ": e1/etcd").ok());
  }
  EXPECT_TRUE(is_repeated());
  std::set<FaultId> events;
  for (std::size_t i = 0; i <= kMaxRememberedFaults; ++i) events.emplace(std::to_string(10000 + i));
  ASSERT_TRUE(agent.core->begin(events).ok());
  EXPECT_EQ(journal_text(agent.kernel).find("\"10000\""), std::string::npos);
  EXPECT_NE(journal_text(agent.kernel).find("\"10001\""), std::string::npos);
}

TEST(AgentCore, SurvivesTheFailureOfAnyOneCall) {
  for (const char* parent : {"", "/cgroup"}) {
    for (int n = 1;; ++n) {
      FakeAgent agent(parent);
      const std::string before = agent.kernel.fingerprint();
      agent.kernel.calls = 0;
      agent.kernel.fail_at = n;
      (void)agent.apply(kCut);
      (void)agent.apply(kHold);
      (void)agent.core->renew(seconds(5));
      (void)agent.core->observe();
      const auto healed = agent.core->heal_all();
      const bool is_hit = agent.kernel.calls >= n;
      if (!healed.ok()) {
        EXPECT_EQ(healed.error().code, Errc::kDirty);
        EXPECT_TRUE(agent.core->status().is_dirty);
      }
      const JournalContent left = parse_journal(journal_text(agent.kernel));
      for (const auto& [id, process] : agent.kernel.processes) {
        if (!process.is_stopped) continue;
        const bool is_known = std::any_of(
            left.changes.begin(), left.changes.end(),
            [&](const auto& entry) { return entry.second == Change(StoppedProcess{id}); });
        EXPECT_TRUE(is_known) << "call " << n << ", process " << id.pid;
      }
      agent.clock.advance(kHealRetry);
      (void)agent.core->tick();
      EXPECT_EQ(agent.kernel.fingerprint(), before) << "call " << n;
      EXPECT_FALSE(agent.core->status().is_dirty) << "call " << n;
      if (!is_hit) break;
      ASSERT_LT(n, 1000);
    }
  }
}

}  // namespace
}  // namespace squall
