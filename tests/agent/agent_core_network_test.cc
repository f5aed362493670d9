// Delays and losses of an agent on a fake node.
#include <gtest/gtest.h>

#include "tests/agent/fake_agent.h"

namespace squall {
namespace {

using std::chrono::seconds;

constexpr const char* kSlow = "network.delay slow: e1 | e2 (delay=50ms)";
constexpr const char* kSlower = "network.delay slower: e1 | e2, e3 (delay=20ms)";
constexpr const char* kLossy = "network.loss lossy: e1 | e2 (loss=10%, model=burst, burst=4)";

std::map<std::uint64_t, Change> journalled(const FakeKernel& kernel) {
  std::string text;
  for (const std::string& line : kernel.journal) text += line + "\n";
  return parse_journal(text).changes;
}

TEST(AgentCoreNetwork, SteersBothFamiliesIntoTheDelayLineAndHeals) {
  FakeAgent agent;
  const std::string before = agent.kernel.fingerprint();
  const auto applied = agent.apply(kSlow);
  ASSERT_TRUE(applied.ok()) << applied.error().what;
  EXPECT_EQ(applied->effects, std::vector<std::string>{"delay packets to e2 by 50ms"});
  EXPECT_TRUE(agent.kernel.steers("198.18.0.2"));
  EXPECT_TRUE(agent.kernel.steers("fd00::2"));
  EXPECT_FALSE(agent.kernel.steers("198.18.0.3"));
  EXPECT_EQ(agent.kernel.delay_line.to_text(), "slow 50ms 198.18.0.2 fd00::2\n");
  EXPECT_EQ(journalled(agent.kernel).size(), 1U);
  ASSERT_TRUE(agent.core->heal(FaultId("slow")).ok());
  EXPECT_EQ(agent.kernel.fingerprint(), before);
  EXPECT_TRUE(journalled(agent.kernel).empty());
}

TEST(AgentCoreNetwork, HealingOneOfTwoDelaysLeavesTheOther) {
  FakeAgent agent;
  ASSERT_TRUE(agent.apply(kSlow).ok());
  ASSERT_TRUE(agent.apply(kSlower).ok());
  EXPECT_EQ(agent.kernel.delay_line.to_text(),
            "slow 50ms 198.18.0.2 fd00::2\nslower 20ms 198.18.0.2 198.18.0.3 fd00::2 fd00::3\n");
  ASSERT_TRUE(agent.core->heal(FaultId("slower")).ok());
  EXPECT_EQ(agent.kernel.delay_line.to_text(), "slow 50ms 198.18.0.2 fd00::2\n");
  EXPECT_TRUE(agent.kernel.steers("198.18.0.2"));
  EXPECT_FALSE(agent.kernel.steers("198.18.0.3"));
}

TEST(AgentCoreNetwork, ObservesWhatKernelAndLineDo) {
  FakeAgent agent;
  ASSERT_TRUE(agent.apply(kLossy).ok());
  ASSERT_TRUE(agent.apply(kSlow).ok());
  const PlaneView seen = agent.core->observe()->planes.at(0);
  EXPECT_EQ(seen.desired,
            "lossy: lose 10% in bursts of 4 from 198.18.0.2, fd00::2\n"
            "slow: delay 50ms to 198.18.0.2, fd00::2\n");
  EXPECT_EQ(seen.observed, seen.desired);
  agent.kernel.delay_line.rows[0].delay.delay = std::chrono::milliseconds(49);
  EXPECT_EQ(agent.core->observe()->planes.at(0).observed,
            "lossy: lose 10% in bursts of 4 from 198.18.0.2, fd00::2\n"
            "slow: delay 49ms to 198.18.0.2, fd00::2\n");
}

TEST(AgentCoreNetwork, RenewsTheLinesOwnDeadline) {
  FakeAgent agent;
  ASSERT_TRUE(agent.apply(kSlow).ok());
  agent.clock.advance(seconds(3));
  ASSERT_TRUE(agent.core->renew(seconds(5)).ok());
  EXPECT_EQ(agent.kernel.delay_line.rows.at(0).expiry, agent.clock.boot() + seconds(5));
}

// The delays end aloud; what does not need the line goes on.
TEST(AgentCoreNetwork, LosesItsDelaysWithTheirLine) {
  FakeAgent agent;
  const auto watcher = agent.events.subscribe();
  ASSERT_TRUE(agent.apply(kSlow).ok());
  ASSERT_TRUE(agent.apply(kLossy).ok());
  agent.kernel.delay_line.trouble = "the delay line died: killed by signal 9";
  (void)agent.core->tick();
  EXPECT_FALSE(agent.kernel.steers("198.18.0.2"));
  EXPECT_FALSE(agent.kernel.delay_line.has_rules);
  EXPECT_EQ(agent.core->status().active, std::vector<FaultId>{FaultId("lossy")});
  const auto lapsed = watcher->next(Duration(0));
  ASSERT_TRUE(lapsed);
  EXPECT_EQ(std::get<LapsedLease>(lapsed->what).fault.get(), "slow");
  EXPECT_EQ(std::get<NodeNote>(watcher->next(Duration(0))->what).text,
            "fault slow is over: the delay line died: killed by signal 9");
}

// A line that hangs swallows packets: its lease must run out.
TEST(AgentCoreNetwork, NeverRenewsADelayWhoseLineHangs) {
  FakeAgent agent;
  ASSERT_TRUE(agent.apply(kSlow).ok());
  ASSERT_TRUE(agent.apply(kLossy).ok());
  agent.kernel.delay_line.trouble = "the delay line hangs";
  const auto renewed = agent.core->renew(seconds(5));
  ASSERT_TRUE(renewed.ok());
  ASSERT_EQ(renewed->lost.size(), 1U);
  EXPECT_EQ(renewed->lost[0].fault.get(), "slow");
  EXPECT_EQ(renewed->active, std::vector<FaultId>{FaultId("lossy")});
}

TEST(AgentCoreNetwork, HealsByItselfWhenNobodyRenews) {
  FakeAgent agent;
  const std::string before = agent.kernel.fingerprint();
  ASSERT_TRUE(agent.apply(kSlow).ok());
  ASSERT_TRUE(agent.apply(kLossy).ok());
  agent.clock.advance(seconds(5));
  EXPECT_FALSE(agent.kernel.steers("198.18.0.2"));
  (void)agent.core->tick();
  EXPECT_EQ(agent.kernel.fingerprint(), before);
}

TEST(AgentCoreNetwork, AnAgentThatDiedLeavesItsRulesToTheJournal) {
  FakeAgent agent;
  ASSERT_TRUE(agent.apply(kSlow).ok());
  std::string text;
  for (const std::string& line : agent.kernel.journal) text += line + "\n";
  const auto undone = replay(parse_journal(text), "boot-1", agent.kernel);
  ASSERT_TRUE(undone.ok()) << undone.error().what;
  EXPECT_EQ(*undone, std::vector<std::string>{"undone: rules"});
  EXPECT_FALSE(agent.kernel.delay_line.has_rules);
}

// Every call fails once, at every place: the rules are never there without the journal's knowing.
TEST(AgentCoreNetwork, SurvivesTheFailureOfAnyOneCall) {
  for (int n = 1;; ++n) {
    FakeAgent agent;
    const std::string before = agent.kernel.fingerprint();
    agent.kernel.calls = 0;
    agent.kernel.fail_at = n;
    (void)agent.apply(kSlow);
    (void)agent.apply(kLossy);
    (void)agent.apply(kSlower);
    (void)agent.core->renew(seconds(5));
    (void)agent.core->heal(FaultId("slow"));
    (void)agent.core->heal_all();
    const bool is_hit = agent.kernel.calls >= n;
    if (agent.kernel.delay_line.has_rules) {
      EXPECT_FALSE(journalled(agent.kernel).empty()) << "call " << n;
    }
    agent.clock.advance(kHealRetry);
    (void)agent.core->tick();
    EXPECT_EQ(agent.kernel.fingerprint(), before) << "call " << n;
    EXPECT_FALSE(agent.core->status().is_dirty) << "call " << n;
    if (!is_hit) break;
    ASSERT_LT(n, 1000);
  }
}

}  // namespace
}  // namespace squall
