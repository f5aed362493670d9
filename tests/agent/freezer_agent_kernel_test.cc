// process.pause through a real cgroup freezer, v2 and v1: what it does, and what is left of it when
// its agent is killed, hung or without a watchdog.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "agent/agent_config.h"
#include "kernel/freezer.h"
#include "tests/agent/real_agent.h"
#include "tests/support/freezer_cgroups.h"
#include "tests/support/holder.h"
#include "tests/support/own_namespaces.h"

namespace squall {
namespace {

using std::chrono::seconds;

constexpr const char* kHold = "process.pause hold: left/victim (mechanism=freezer)";

class FreezerAgentTest : public KernelTest, public testing::WithParamInterface<FreezerParent> {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped()) return;
    Result<Freezer> made = make_test_freezer("agent-test", GetParam());
    if (!made.ok()) GTEST_SKIP() << made.error().what;
    parent.emplace(std::move(made).value());
    frozen = parent->path() + "/squall-left-victim";
    nodes = must(make_two_nodes());
    victim.emplace(must(Victim::start()));
  }
  void TearDown() override {
    if (parent) must(parent->remove());  // an error if anything is left below it
  }
  Result<std::unique_ptr<RealAgent>> start_agent(bool has_watchdog, int dies_at = 0) {
    return RealAgent::start(nodes, victim->id(), folder.path(), has_watchdog, dies_at,
                            parent->path());
  }
  // An agent in a process of its own, that has applied kHold.
  Result<Holder> start_holder(bool has_watchdog, Duration lease) {
    return Holder::start([this, has_watchdog, lease]() -> Result<> {
      RealAgent* agent = TRY(start_agent(has_watchdog)).release();
      TRY(agent->apply(kHold, lease));
      return {};
    });
  }
  [[nodiscard]] bool is_frozen() const {
    const Result<Freezer> freezer = Freezer::open(frozen, GetParam().version);
    return freezer.ok() && freezer->is_frozen().value_or(false);
  }
  [[nodiscard]] bool is_gone() const { return ::access(frozen.c_str(), F_OK) != 0; }

  std::optional<Freezer> parent;
  std::string frozen;
  TwoNodes nodes;
  std::optional<Victim> victim;
  TemporaryFolder folder;
};

TEST_P(FreezerAgentTest, FreezesUnseenByTheParentAndHeals) {
  const auto agent = must(start_agent(false));
  must(agent->apply(kHold, seconds(60)));
  EXPECT_TRUE(is_frozen());
  EXPECT_FALSE(victim->is_stopped());  // a parent would see SIGSTOP
  const NodeView view = must(agent->core->observe());
  EXPECT_EQ(view.planes.at(1).observed, "victim: frozen\n");
  EXPECT_EQ(view.planes.at(1).observed, view.planes.at(1).desired);
  EXPECT_EQ(view.counters.at(0).what, "paused processes");
  EXPECT_EQ(view.counters.at(0).count, 1U);
  must(agent->core->heal_all());
  EXPECT_TRUE(is_gone());
}

TEST_P(FreezerAgentTest, AutoPrefersTheFreezer) {
  const auto agent = must(start_agent(false));
  must(agent->apply("process.pause hold: left/victim", seconds(60)));
  EXPECT_TRUE(is_frozen());
  must(agent->core->heal_all());
}

TEST_P(FreezerAgentTest, TheWatchdogThawsWhatAKilledAgentHadFrozen) {
  Holder holder = must(start_holder(true, seconds(60)));
  EXPECT_TRUE(is_frozen());
  holder.kill();
  EXPECT_TRUE(eventually([this] { return is_gone(); }));
}

TEST_P(FreezerAgentTest, TheWatchdogThawsWhatAHungAgentHadFrozen) {
  Holder holder = must(start_holder(true, seconds(1)));
  EXPECT_TRUE(is_frozen());
  holder.stop();
  EXPECT_TRUE(eventually([this] { return is_gone(); }));
}

TEST_P(FreezerAgentTest, TheJournalThawsWhereThereIsNoWatchdog) {
  Holder holder = must(start_holder(false, seconds(60)));
  holder.kill();
  EXPECT_TRUE(is_frozen());
  EXPECT_EQ(must(recover(folder.path())).size(), 1U);
  EXPECT_TRUE(is_gone());
}

TEST_P(FreezerAgentTest, DeathAtEveryStepLeavesNothing) {
  bool is_over = false;
  int step = 1;
  for (; !is_over && step < 100; ++step) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      const auto agent = must(start_agent(true, step));
      must(agent->apply(kHold, seconds(60)));
      must(agent->core->heal_all());
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    is_over = WIFEXITED(status);
    EXPECT_TRUE(eventually([this] { return is_gone() || !is_frozen(); })) << "step " << step;
    const auto recovered = recover(folder.path());
    EXPECT_TRUE(recovered.ok()) << error_of(recovered);
    EXPECT_TRUE(eventually([this] { return is_gone(); })) << "step " << step;
  }
  EXPECT_TRUE(is_over);
  EXPECT_GT(step, 8);
}

INSTANTIATE_TEST_SUITE_P(Cgroup, FreezerAgentTest, freezer_parents(), version_name);

}  // namespace
}  // namespace squall
