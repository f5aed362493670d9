// A whole agent behind its socket: processes, faults, death and return.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>

#include "tests/agent/served_agent.h"

namespace squall {
namespace {

TEST_F(ServiceKernelTest, OnlyItsOwnerCanOpenTheSocket) {
  struct stat status {};
  ASSERT_EQ(::stat(config.socket.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat((folder.path() + "/door").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(ServiceKernelTest, PausesKillsAndRestartsAProcess) {
  const pid_t first = start_sleeper();
  EXPECT_EQ(sleeper().state(), "running");
  EXPECT_EQ(must(process_stat(first)).session, first);
  ASSERT_EQ(apply("process.pause hold: left/sleeper"), "ok");
  EXPECT_TRUE(eventually([this] { return sleeper().state() == "paused"; }));
  v1::HealReply healed;
  ASSERT_TRUE(stub_->HealAll(fresh().get(), {}, &healed).ok());
  EXPECT_TRUE(eventually([this] { return sleeper().state() == "running"; }));
  ASSERT_EQ(apply("process.kill k: left/sleeper (restart-after=50ms)"), "ok");
  EXPECT_TRUE(eventually([this] { return sleeper().restarts() == 1; }));
  EXPECT_TRUE(eventually([this] { return sleeper().state() == "running"; }));
  EXPECT_NE(sleeper().pid(), first);
}

TEST_F(ServiceKernelTest, AProcessOutlivesItsAgentAndIsFoundAgain) {
  const pid_t pid = start_sleeper();
  ASSERT_EQ(apply("process.kill k: left/sleeper (restart-after=1ms)"), "ok");
  ASSERT_TRUE(eventually([this] { return sleeper().restarts() == 1; }));
  const pid_t second = sleeper().pid();
  EXPECT_NE(second, pid);
  (void)end_agent(SIGKILL);
  EXPECT_TRUE(identify(second).ok());
  start_agent();
  EXPECT_EQ(sleeper().pid(), second);
  EXPECT_EQ(sleeper().state(), "running");
  // The event has happened, and does not happen again.
  ASSERT_EQ(apply("process.kill k: left/sleeper (restart-after=1ms)"), "ok");
  EXPECT_EQ(sleeper().pid(), second);
  v1::StopRequest stop;
  stop.set_name("sleeper");
  stop.set_grace_ns(Duration(std::chrono::seconds(5)).count());
  EXPECT_TRUE(stub_->Stop(fresh().get(), stop, &nothing_).ok());
  EXPECT_TRUE(eventually([second] {
    const auto state = process_state(second);
    return !state.ok() || *state == 'Z';
  }));
}

TEST_F(ServiceKernelTest, HealsEverythingAtSigterm) {
  const pid_t pid = start_sleeper();
  ASSERT_EQ(apply("network.partition cut: left | right"), "ok");
  ASSERT_EQ(apply("process.pause hold: left/sleeper"), "ok");
  const int status = end_agent(SIGTERM);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_NE(process_state(pid).value_or('?'), 'T');
  start_agent();  // so that the process is stopped at the end
}

TEST_F(ServiceKernelTest, ProbesCrossOnlyWhereNothingIsCut) {
  v1::SendProbesRequest send;
  v1::Probe* probe = send.add_probes();
  probe->set_nonce("n-1");
  probe->set_address("198.18.0.1");
  v1::SendProbesReply sent;
  ASSERT_TRUE(stub_->SendProbes(fresh().get(), send, &sent).ok());
  EXPECT_EQ(sent.failed_size(), 0);
  v1::SeenProbesRequest ask;
  ask.add_nonces("n-1");
  ask.set_wait_ns(Duration(kPatience).count());
  v1::SeenProbesReply seen;
  ASSERT_TRUE(stub_->SeenProbes(fresh().get(), ask, &seen).ok());
  EXPECT_EQ(seen.seen_size(), 1);
}

}  // namespace
}  // namespace squall
