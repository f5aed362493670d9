// The clock plane on a fake node: the fold, the leases, who is picked up, what is counted.
#include "agent/planes/clock_plane.h"

#include <gtest/gtest.h>

#include "tests/agent/fake_agent.h"

namespace squall {
namespace {

using std::chrono::seconds;

constexpr const char* kBehind = "clock.skew behind: e1/etcd (offset=-90s)";
constexpr const char* kAhead = "clock.skew ahead: e1/etcd, e1/redis (offset=+5s)";
constexpr ProcessId kEtcd{10, 1};
constexpr ProcessId kEtcdsChild{11, 1};
constexpr ProcessId kRedis{20, 1};

std::string clock_plane(FakeAgent& agent) {
  const Result<NodeView> view = agent.core->observe();
  for (const PlaneView& plane : view->planes) {
    if (plane.plane == "clock") return plane.observed;
  }
  return "no clock plane";
}

std::string readings(FakeAgent& agent) {
  std::string text;
  const Result<NodeView> view = agent.core->observe();
  for (const CounterView& counter : view->counters) {
    text += counter.fault.get() + ": " + std::to_string(counter.count) + " " + counter.what + "\n";
  }
  return text;
}

std::string journal_text(const FakeKernel& kernel) {
  std::string text;
  for (const std::string& line : kernel.journal) text += line + "\n";
  return text;
}

TEST(ClockPlane, OffsetsOfAProcessAdd) {
  FakeAgent agent;
  ASSERT_TRUE(agent.apply(kBehind).ok());
  EXPECT_EQ(clock_plane(agent), "etcd: clock off by -90s\n");
  ASSERT_TRUE(agent.apply(kAhead).ok());
  EXPECT_EQ(clock_plane(agent), "etcd: clock off by -85s\nredis: clock off by 5s\n");
  ASSERT_TRUE(agent.apply("clock.skew back: e1/etcd (offset=85s)").ok());
  EXPECT_EQ(clock_plane(agent), "etcd: clock off by 0s\nredis: clock off by 5s\n");
  ASSERT_TRUE(agent.core->heal(FaultId("ahead")).ok());
  EXPECT_EQ(clock_plane(agent), "etcd: clock off by -5s\n");
}

TEST(ClockPlane, SkewsTheWholeTreeAndRestoresIt) {
  FakeAgent agent;
  const std::string before = agent.kernel.fingerprint();
  const auto applied = agent.apply(kBehind);
  ASSERT_TRUE(applied.ok()) << applied.error().what;
  EXPECT_EQ(applied->effects, std::vector<std::string>{"set the clock of etcd off by -90s"});
  EXPECT_EQ(agent.kernel.processes.at(kEtcd).clock.offset, -seconds(90));
  EXPECT_EQ(agent.kernel.processes.at(kEtcdsChild).clock.offset, -seconds(90));
  EXPECT_FALSE(agent.kernel.processes.at(kRedis).clock.is_patched);
  EXPECT_EQ(parse_journal(journal_text(agent.kernel)).changes.size(), 2U);
  ASSERT_TRUE(agent.core->heal(FaultId("behind")).ok());
  EXPECT_EQ(agent.kernel.fingerprint(), before);
  EXPECT_TRUE(parse_journal(journal_text(agent.kernel)).changes.empty());
}

TEST(ClockPlane, PicksUpWhoWasForkedRestartedOrExecuted) {
  FakeAgent agent;
  ASSERT_TRUE(agent.apply(kBehind).ok());
  agent.kernel.processes[kEtcd].clock = {};  // an execve: a fresh vDSO
  agent.kernel.processes[{12, 1}] = {};
  agent.kernel.processes[kEtcd].children.push_back({12, 1});
  agent.clock.advance(kPickUpPeriod);
  (void)agent.core->tick();
  EXPECT_EQ(agent.kernel.processes.at(kEtcd).clock.offset, -seconds(90));
  EXPECT_EQ(agent.kernel.processes.at({12, 1}).clock.offset, -seconds(90));
  agent.kernel.processes[{30, 2}] = {};
  agent.stack.running["etcd"] = {30, 2};
  agent.clock.advance(kPickUpPeriod);
  (void)agent.core->tick();
  EXPECT_EQ(agent.kernel.processes.at({30, 2}).clock.offset, -seconds(90));
  ASSERT_TRUE(agent.core->heal_all().ok());
  for (const auto& [id, process] : agent.kernel.processes) {
    EXPECT_FALSE(process.clock.is_patched) << id.pid;
  }
}

TEST(ClockPlane, TheCodeCarriesTheLease) {
  FakeAgent agent;
  const BootTime start = agent.clock.boot();
  ASSERT_TRUE(agent.apply(kBehind, seconds(5)).ok());
  EXPECT_EQ(agent.kernel.processes.at(kEtcd).clock.until, start + seconds(5));
  agent.clock.advance(seconds(2));
  ASSERT_TRUE(agent.core->renew(seconds(5)).ok());
  EXPECT_EQ(agent.kernel.processes.at(kEtcd).clock.until, start + seconds(7));
  EXPECT_EQ(agent.kernel.processes.at(kEtcdsChild).clock.until, start + seconds(7));
}

// The agent hung for longer than its lease: the code in the process has ended the skew.
TEST(ClockPlane, ArmsNothingAgainThatHasLapsed) {
  FakeAgent agent;
  const std::string before = agent.kernel.fingerprint();
  ASSERT_TRUE(agent.apply(kBehind, seconds(5)).ok());
  agent.clock.advance(seconds(6));
  const auto renewed = agent.core->renew(seconds(5));
  ASSERT_TRUE(renewed.ok());
  EXPECT_EQ(renewed->lost.size(), 1U);
  EXPECT_EQ(agent.kernel.fingerprint(), before);
}

TEST(ClockPlane, SaysWhichOffsetsItSees) {
  FakeAgent agent;
  ASSERT_TRUE(agent.apply(kBehind).ok());
  agent.kernel.processes[kEtcdsChild].clock = {};
  EXPECT_EQ(clock_plane(agent), "etcd: clock off by -90s and 0s\n");
  agent.kernel.processes[kEtcdsChild].clock = agent.kernel.processes[kEtcd].clock;
  EXPECT_EQ(clock_plane(agent), "etcd: clock off by -90s\n");
  agent.clock.advance(kLeaseDefault);
  EXPECT_EQ(clock_plane(agent), "");  // observe() has found the lease expired
}

TEST(ClockPlane, CountsWhatItsOwnFaultChanged) {
  FakeAgent agent;
  agent.kernel.processes[kEtcd].clock.page = 10;
  agent.kernel.processes[kEtcd].clock.calls = 1000;  // by a fault of an agent before
  ASSERT_TRUE(agent.apply(kBehind).ok());
  agent.kernel.processes[kEtcd].clock.calls += 7;
  EXPECT_EQ(readings(agent), "behind: 7 changed clock readings\n");
  ASSERT_TRUE(agent.apply("clock.skew later: e1/etcd (offset=1s)").ok());
  agent.kernel.processes[kEtcd].clock.calls += 3;
  // A forked child shares the page, so its count is the same one.
  agent.kernel.processes[kEtcdsChild].clock = agent.kernel.processes[kEtcd].clock;
  EXPECT_EQ(readings(agent),
            "behind: 10 changed clock readings\nlater: 3 changed clock readings\n");
  ASSERT_TRUE(agent.core->heal_all().ok());
  agent.kernel.processes[kEtcd].clock.calls += 5;
  EXPECT_EQ(readings(agent),
            "behind: 10 changed clock readings\nlater: 3 changed clock readings\n");
}

TEST(ClockPlane, RefusesAProcessThatIsNotThere) {
  FakeAgent agent;
  EXPECT_EQ(agent.apply("clock.skew x: e1/ectd (offset=1s)").error().what,
            "there is no process 'ectd' here; did you mean 'etcd'?");
}

TEST(ClockPlane, ANewAgentRightsWhatItsJournalDoesNotName) {
  FakeAgent agent;
  (void)agent.kernel.skew_clock(kEtcdsChild, seconds(5), agent.clock.boot() + seconds(60));
  ASSERT_TRUE(agent.core->begin({}).ok());
  EXPECT_FALSE(agent.kernel.processes.at(kEtcdsChild).clock.is_patched);
}

TEST(ClockPlane, TellsThoseWhoStartPrograms) {
  FakeAgent agent;
  const BootTime start = agent.clock.boot();
  ASSERT_TRUE(agent.apply(kBehind, seconds(5)).ok());
  EXPECT_EQ(agent.launches.find(ProcessName("etcd")),
            (LaunchSkew{-seconds(90), start + seconds(5)}));
  EXPECT_EQ(agent.launches.find(ProcessName("redis")), std::nullopt);
  ASSERT_TRUE(agent.core->heal_all().ok());
  EXPECT_EQ(agent.launches.find(ProcessName("etcd")), std::nullopt);
}

// Each call of the kernel fails once; whatever happened, the heal leaves right clocks.
TEST(ClockPlane, EveryFailureEndsClean) {
  for (int fail_at = 1; fail_at < 100; ++fail_at) {
    FakeAgent agent;
    const std::string before = agent.kernel.fingerprint();
    agent.kernel.calls = 0;
    agent.kernel.fail_at = fail_at;
    const bool is_applied = agent.apply(kAhead).ok();
    (void)agent.core->renew(seconds(5));
    (void)agent.core->heal(FaultId("ahead"));
    const bool has_failed = agent.kernel.calls >= fail_at;
    agent.clock.advance(kHealRetry);
    (void)agent.core->tick();
    EXPECT_EQ(agent.kernel.fingerprint(), before) << "call " << fail_at;
    EXPECT_FALSE(agent.core->status().is_dirty) << "call " << fail_at;
    if (!has_failed) {
      EXPECT_TRUE(is_applied);
      return;
    }
  }
  FAIL() << "it never ended";
}

}  // namespace
}  // namespace squall
