// Faults in a real kernel, and what is left of them when their agent is killed, hung or resumed.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "agent/agent_config.h"
#include "kernel/mounts.h"
#include "kernel/namespaces.h"
#include "kernel/nftables.h"
#include "kernel/sockets.h"
#include "kernel/wait.h"
#include "tests/agent/real_agent.h"
#include "tests/support/holder.h"
#include "tests/support/own_namespaces.h"

namespace squall {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kCut = "network.partition cut: left | right";
constexpr const char* kHold = "process.pause hold: left/victim";
constexpr Duration kShort = milliseconds(150);

struct Connection {
  Fd left;
  Fd right;
};
// Established over TCP, right to left.
Result<Connection> connect(const TwoNodes& nodes, IpFamily family) {
  const std::string ip = family == IpFamily::kV4 ? "198.18.0.1" : "fd00::1";
  const Fd server = TRY(open_socket(nodes.left, family, SocketKind::kTcp));
  TRY(bind_socket(server, {.ip = ip, .port = 0}));
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::listen(server.get(), 1) != 0 ||
      ::getsockname(server.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return errno_error("listen");
  }
  Fd right = TRY(open_socket(nodes.right, family, SocketKind::kTcp));
  if (::connect(right.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 &&
      errno != EINPROGRESS) {
    return errno_error("connect");
  }
  if (!TRY(wait_readable(server, kPatience))) return Error{Errc::kTimeout, "nobody calls"};
  Fd left(::accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!left.is_open()) return errno_error("accept");
  return Connection{std::move(left), std::move(right)};
}

class AgentKernelTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped()) return;
    nodes = must(make_two_nodes());
    victim.emplace(must(Victim::start()));
  }
  [[nodiscard]] bool has_table() const {
    return must(Nft::open(nodes.left)).list("list table inet squall_left").ok();
  }
  [[nodiscard]] bool is_answered_on(IpFamily family) const {
    Conversation talk = must(open_conversation(nodes, family));
    return is_answered(talk, kShort);
  }

  TwoNodes nodes;
  std::optional<Victim> victim;
  TemporaryFolder folder;
};

TEST_F(AgentKernelTest, APartitionCutsBothFamiliesUntilItIsHealed) {
  const auto agent = must(RealAgent::start(nodes, victim->id(), folder.path(), false));
  for (const IpFamily family : kBothFamilies) EXPECT_TRUE(is_answered_on(family));
  must(agent->apply(kCut, seconds(60)));
  for (const IpFamily family : kBothFamilies) EXPECT_FALSE(is_answered_on(family));
  const NodeView view = must(agent->core->observe());
  EXPECT_EQ(view.planes.at(0).observed, "cut: drop from 198.18.0.2, fd00::2\n");
  EXPECT_EQ(view.planes.at(0).observed, view.planes.at(0).desired);
  EXPECT_EQ(view.counters.at(0).what, "dropped packets");
  EXPECT_GE(view.counters.at(0).count, 2U);
  must(agent->core->heal_all());
  for (const IpFamily family : kBothFamilies) EXPECT_TRUE(is_answered_on(family));
  EXPECT_FALSE(has_table());
}

TEST_F(AgentKernelTest, HealingOneOfTwoCutsLeavesTheOther) {
  const auto agent = must(RealAgent::start(nodes, victim->id(), folder.path(), false));
  must(agent->apply(kCut, seconds(60)));
  must(agent->apply("network.partition other: right | left (direction=one-way)", seconds(60)));
  must(agent->core->heal(FaultId("cut")));
  EXPECT_FALSE(is_answered_on(IpFamily::kV4));
  EXPECT_EQ(must(agent->core->observe()).planes.at(0).observed,
            "other: drop from 198.18.0.2, fd00::2\n");
  must(agent->core->heal_all());
  EXPECT_TRUE(is_answered_on(IpFamily::kV4));
}

// A connection that was there before the cut: what is sent into it waits, and arrives after the
// heal.
TEST_F(AgentKernelTest, AnEstablishedConnectionStallsAndGoesOn) {
  const auto agent = must(RealAgent::start(nodes, victim->id(), folder.path(), false));
  for (const IpFamily family : kBothFamilies) {
    const Connection talk = must(connect(nodes, family));
    const auto is_heard = [&talk](const char* word, Duration patience) {
      EXPECT_EQ(::send(talk.right.get(), word, 1, MSG_NOSIGNAL), 1);
      char heard = 0;
      return wait_readable(talk.left, patience).value_or(false) &&
             ::recv(talk.left.get(), &heard, 1, 0) == 1 && heard == *word;
    };
    EXPECT_TRUE(is_heard("a", kPatience));
    must(agent->apply(family == IpFamily::kV4 ? kCut : "network.partition cut6: left | right",
                      seconds(60)));
    EXPECT_FALSE(is_heard("b", kShort));
    must(agent->core->heal_all());
    char heard = 0;
    EXPECT_TRUE(must(wait_readable(talk.left, kPatience)));
    EXPECT_EQ(::recv(talk.left.get(), &heard, 1, 0), 1);
    EXPECT_EQ(heard, 'b');
    EXPECT_TRUE(is_heard("c", kPatience));
  }
}

TEST_F(AgentKernelTest, NoPacketSlipsThroughAFaultLongerThanThreeLeases) {
  const auto agent = must(RealAgent::start(nodes, victim->id(), folder.path(), false));
  Conversation talk = must(open_conversation(nodes, IpFamily::kV4));
  must(agent->apply(kCut, seconds(1)));
  const MonoTime until = system_clock().mono() + milliseconds(3500);
  int rounds = 0;
  for (; system_clock().mono() < until; ++rounds) {
    const RenewedLeases renewed = must(agent->core->renew(seconds(1)));
    ASSERT_TRUE(renewed.lost.empty());
    ASSERT_FALSE(is_answered(talk, milliseconds(20))) << "round " << rounds;
  }
  EXPECT_GT(rounds, 3);
  must(agent->core->heal_all());
  EXPECT_TRUE(is_answered_on(IpFamily::kV4));
}

TEST_F(AgentKernelTest, AKilledAgentLeavesNothing) {
  Holder holder = must(Holder::start([this]() -> Result<> {
    RealAgent* agent = TRY(RealAgent::start(nodes, victim->id(), folder.path(), true)).release();
    TRY(agent->apply(kCut, seconds(60)));
    TRY(agent->apply(kHold, seconds(60)));
    return {};
  }));
  EXPECT_TRUE(has_table());
  EXPECT_TRUE(eventually([this] { return victim->is_stopped(); }));
  holder.kill();
  EXPECT_TRUE(eventually([this] { return !has_table(); }));
  EXPECT_TRUE(eventually([this] { return !victim->is_stopped(); }));
  EXPECT_TRUE(is_answered_on(IpFamily::kV4));
}

// The agent hangs, so that nobody renews: the kernel and the watchdog end it.  Then it goes on, and
// must find that it is over.
TEST_F(AgentKernelTest, AHungAgentHealsByItselfAndArmsNothingWhenItGoesOn) {
  int commands[2];
  int answers[2];
  ASSERT_EQ(::pipe(commands), 0);
  ASSERT_EQ(::pipe(answers), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    auto agent = must(RealAgent::start(nodes, victim->id(), folder.path(), true));
    must(agent->apply(kCut, seconds(1)));
    must(agent->apply(kHold, seconds(1)));
    char byte = 'a';
    (void)!::write(answers[1], &byte, 1);
    (void)!::read(commands[0], &byte, 1);
    const RenewedLeases renewed = must(agent->core->renew(seconds(5)));
    byte = static_cast<char>('0' + renewed.lost.size());
    (void)!::write(answers[1], &byte, 1);
    (void)!::read(commands[0], &byte, 1);
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(answers[0], &byte, 1), 1);
  const Fd pidfd = must(open_pidfd(pid));
  EXPECT_TRUE(victim->is_stopped());
  must(send_signal(pidfd, SIGSTOP));
  EXPECT_TRUE(eventually([this] { return !victim->is_stopped(); }));
  EXPECT_TRUE(eventually([this] { return is_answered_on(IpFamily::kV6); }));
  must(send_signal(pidfd, SIGCONT));
  ASSERT_EQ(::write(commands[1], "r", 1), 1);
  ASSERT_EQ(::read(answers[0], &byte, 1), 1);
  EXPECT_EQ(byte, '2');
  EXPECT_FALSE(victim->is_stopped());
  EXPECT_TRUE(is_answered_on(IpFamily::kV4));
  EXPECT_FALSE(has_table());
  must(send_signal(pidfd, SIGKILL));
  (void)::waitpid(pid, nullptr, 0);
  for (const int fd : {commands[0], commands[1], answers[0], answers[1]}) (void)::close(fd);
}

// Death at every step of every fault's life, and nothing is left.
TEST_F(AgentKernelTest, DeathAtEveryStepLeavesNothing) {
  bool is_over = false;
  int step = 1;
  for (; !is_over && step < 200; ++step) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      auto agent = must(RealAgent::start(nodes, victim->id(), folder.path(), true, step));
      must(agent->apply(kCut, seconds(60)));
      must(agent->apply(kHold, seconds(60)));
      must(agent->core->renew(seconds(60)));
      must(agent->core->heal_all());
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    is_over = WIFEXITED(status);
    if (is_over) {
      EXPECT_EQ(WEXITSTATUS(status), 0);
    }
    EXPECT_TRUE(eventually([this] { return !victim->is_stopped(); })) << "step " << step;
    EXPECT_TRUE(eventually([this] { return !has_table(); })) << "step " << step;
    const auto recovered = recover(folder.path());
    EXPECT_TRUE(recovered.ok()) << error_of(recovered);
    EXPECT_FALSE(victim->is_stopped());
  }
  EXPECT_TRUE(is_over);
  EXPECT_GT(step, 10);
}

// Without the watchdog, the journal alone has to do.
TEST_F(AgentKernelTest, TheJournalContinuesWhatAKilledAgentHadStopped) {
  Holder holder = must(Holder::start([this]() -> Result<> {
    RealAgent* agent = TRY(RealAgent::start(nodes, victim->id(), folder.path(), false)).release();
    TRY(agent->apply(kHold, seconds(60)));
    return {};
  }));
  EXPECT_TRUE(eventually([this] { return victim->is_stopped(); }));
  holder.kill();
  EXPECT_TRUE(victim->is_stopped());
  EXPECT_EQ(must(recover(folder.path())).size(), 1U);
  EXPECT_TRUE(eventually([this] { return !victim->is_stopped(); }));
  EXPECT_TRUE(must(recover(folder.path())).empty());
}

// `squall recover` without a folder looks where agents usually keep theirs.
TEST_F(AgentKernelTest, RecoverFindsTheUsualPlaces) {
  const std::string state_dir = folder.path() + "/squall/left";
  ASSERT_TRUE(std::filesystem::create_directories(state_dir));
  Holder holder = must(Holder::start([&]() -> Result<> {
    RealAgent* agent = TRY(RealAgent::start(nodes, victim->id(), state_dir, false)).release();
    TRY(agent->apply("process.pause hold: left/victim (mechanism=sigstop)", seconds(60)));
    return {};
  }));
  EXPECT_TRUE(eventually([this] { return victim->is_stopped(); }));
  holder.kill();
  // In a child that cannot see the machine's cgroups: other agents may be at work here.
  const Holder recovering = must(Holder::start([&]() -> Result<> {
    TRY(unshare_namespaces(CLONE_NEWNS));
    TRY(mount_tmpfs("/sys/fs/cgroup", 1 << 16));
    CHECK(::setenv("XDG_RUNTIME_DIR", folder.path().c_str(), 1) == 0);
    const std::vector<std::string> undone = TRY(recover(""));
    const std::string wanted = "undone: process " + std::to_string(victim->id().pid) + " stopped";
    if (std::find(undone.begin(), undone.end(), wanted) != undone.end()) return {};
    return Error{Errc::kNotFound, "it is not undone"};
  }));
  EXPECT_TRUE(eventually([this] { return !victim->is_stopped(); }));
}

// A process that somebody else had stopped was not hit by us.
TEST_F(AgentKernelTest, APauseOfAStoppedProcessIsNoEvidence) {
  const auto agent = must(RealAgent::start(nodes, victim->id(), folder.path(), false));
  const Fd pidfd = must(open_pidfd(victim->id()));
  must(send_signal(pidfd, SIGSTOP));
  ASSERT_TRUE(eventually([this] { return victim->is_stopped(); }));
  must(agent->apply(kHold, seconds(60)));
  EXPECT_TRUE(must(agent->core->observe()).counters.empty());
  must(agent->core->heal_all());
  must(send_signal(pidfd, SIGCONT));
  EXPECT_TRUE(eventually([this] { return !victim->is_stopped(); }));
  must(agent->apply("process.pause second: left/victim", seconds(60)));
  EXPECT_TRUE(eventually([&] { return must(agent->core->observe()).counters.size() == 1; }));
  EXPECT_EQ(must(agent->core->observe()).counters.at(0).count, 1U);
  must(agent->core->heal_all());
}

}  // namespace
}  // namespace squall
