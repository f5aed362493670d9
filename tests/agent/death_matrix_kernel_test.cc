// SIGKILL and SIGSTOP of the agent, of the orchestrator that renews, and of both, under a partition
// and a pause: afterwards the kernel is as it was, while the namespaces still exist.
#include <gtest/gtest.h>

#include <csignal>

#include "kernel/nftables.h"
#include "tests/agent/served_agent.h"

namespace squall {
namespace {

struct Death {
  int signal = 0;
  bool is_agents = false;
  bool is_orchestrators = false;
};

constexpr Duration kShort = std::chrono::milliseconds(100);

class RenewedFaultsTest : public ServiceKernelTest {
 protected:
  void SetUp() override {
    ServiceKernelTest::SetUp();
    if (IsSkipped()) return;
    sleeper_pid = start_sleeper();
    sleeper_fd = must(open_pidfd(sleeper_pid));
    before = ruleset();
    watchdog = must(open_pidfd(watchdog_pid()));
    orchestrator = Launcher::the().start_orchestrator(config.socket);
    ASSERT_TRUE(eventually([this] { return active_faults() == 2; }));
    EXPECT_TRUE(is_cut(IpFamily::kV4));
    EXPECT_TRUE(is_cut(IpFamily::kV6));
    EXPECT_TRUE(eventually([this] { return is_paused(); }));
    EXPECT_NE(ruleset(), before);
  }
  void TearDown() override {
    if (orchestrator > 0) (void)Launcher::the().end(std::exchange(orchestrator, 0), SIGKILL);
    ServiceKernelTest::TearDown();
    if (sleeper_fd.is_open()) (void)send_signal(sleeper_fd, SIGKILL);  // it outlives its agent
  }

  int active_faults() {
    v1::StatusReply reply;
    if (!stub_->Status(fresh().get(), {}, &reply).ok()) return -1;
    return reply.active_faults_size();
  }
  [[nodiscard]] std::string ruleset() const {
    return must(must(Nft::open(nodes.left)).list("list ruleset"));
  }
  [[nodiscard]] bool is_cut(IpFamily family) const {
    Conversation talk = must(open_conversation(nodes, family));
    return !is_answered(talk, kShort);
  }
  [[nodiscard]] bool is_paused() const { return process_state(sleeper_pid).value_or('?') == 'T'; }
  [[nodiscard]] pid_t watchdog_pid() const {
    for (const pid_t pid : must(children(agent_))) {
      if (process_stat(pid)->name == "squall-watchdog") return pid;
    }
    return -1;
  }
  void hit(pid_t process, int signal) const {
    must(send_signal(must(open_pidfd(process)), signal));
  }
  void expect_no_effect() const {
    EXPECT_TRUE(eventually([this] { return !is_cut(IpFamily::kV4) && !is_cut(IpFamily::kV6); }));
    EXPECT_TRUE(eventually([this] { return !is_paused(); }));
    EXPECT_NE(process_state(sleeper_pid).value_or('Z'), 'Z');
  }

  pid_t orchestrator = 0;
  pid_t sleeper_pid = 0;
  Fd sleeper_fd;
  Fd watchdog;
  std::string before;
};

class DeathMatrixTest : public RenewedFaultsTest, public testing::WithParamInterface<Death> {};

TEST_P(DeathMatrixTest, LeavesNothing) {
  const Death& death = GetParam();
  const bool is_kill = death.signal == SIGKILL;
  if (death.is_agents && !is_kill) hit(agent_, SIGSTOP);
  if (death.is_agents && is_kill) (void)end_agent(SIGKILL);
  if (death.is_orchestrators && !is_kill) hit(orchestrator, SIGSTOP);
  if (death.is_orchestrators && is_kill) {
    (void)Launcher::the().end(std::exchange(orchestrator, 0), SIGKILL);
  }
  expect_no_effect();
  // Those that were stopped go on, and must not arm anything again.
  if (death.is_agents && !is_kill) hit(agent_, SIGCONT);
  if (death.is_orchestrators && !is_kill) hit(orchestrator, SIGCONT);
  if (agent_ > 0) {
    EXPECT_TRUE(eventually([this] { return active_faults() == 0; }));
  } else {
    EXPECT_TRUE(must(wait_for_exit(watchdog, kPatience)));
  }
  EXPECT_TRUE(eventually([this] { return ruleset() == before; })) << ruleset();
  expect_no_effect();
}

std::string name_of(const testing::TestParamInfo<Death>& info) {
  const Death& death = info.param;
  const std::string who = death.is_agents && death.is_orchestrators ? "Both"
                          : death.is_agents                         ? "Agent"
                                                                    : "Orchestrator";
  return (death.signal == SIGKILL ? "Kill" : "Stop") + who;
}
INSTANTIATE_TEST_SUITE_P(All, DeathMatrixTest,
                         testing::Values(Death{SIGKILL, true, false}, Death{SIGKILL, false, true},
                                         Death{SIGKILL, true, true}, Death{SIGSTOP, true, false},
                                         Death{SIGSTOP, false, true}, Death{SIGSTOP, true, true}),
                         name_of);

TEST_F(RenewedFaultsTest, LastForMoreThanThreeLeases) {
  const BootTime until = system_clock().boot() + kServedLease * 7 / 2;
  while (system_clock().boot() < until) {
    ASSERT_TRUE(is_cut(IpFamily::kV4));
    ASSERT_TRUE(is_paused());
  }
  EXPECT_EQ(active_faults(), 2);
  v1::HealReply healed;
  const grpc::Status status = stub_->HealAll(fresh().get(), {}, &healed);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(healed.lost_size(), 0);
  EXPECT_EQ(ruleset(), before);
}

}  // namespace
}  // namespace squall
