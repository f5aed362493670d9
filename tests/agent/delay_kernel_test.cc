// Delays in a real kernel, between two namespaces on a bridge: by the delay line (a TUN device,
// policy routing, raw sockets) and by netem.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <numeric>

#include "agent/agent_config.h"
#include "kernel/namespaces.h"
#include "kernel/netlink.h"
#include "kernel/process.h"
#include "kernel/wait.h"
#include "tests/agent/delay_world.h"
#include "tests/support/holder.h"

namespace squall {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kSlow = "network.delay slow: left | right (delay=50ms)";
constexpr const char* kVerySlow = "network.delay slow: left | right (delay=400ms)";

// Sends everything on `from` and reads it on `to`; what came.
std::string carry(const Fd& from, const Fd& to, const std::string& text) {
  std::string got;
  std::string buffer(std::size_t{1} << 16U, '\0');
  std::size_t sent = 0;
  while (got.size() < text.size()) {
    const ssize_t out =
        ::send(from.get(), text.data() + sent, text.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (out > 0) sent += static_cast<std::size_t>(out);
    if (!wait_readable(to, out > 0 ? Duration(0) : kPatience).value_or(false)) {
      if (out > 0) continue;
      return got;
    }
    const ssize_t in = ::recv(to.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (in == 0) return got;
    if (in > 0) got.append(buffer.data(), static_cast<std::size_t>(in));
  }
  return got;
}

std::string numbers(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + " ";
  return text;
}

// Both ways of delaying packets keep the same promises.
class DelayKernelTest : public DelayWorld, public testing::WithParamInterface<DelayChoice> {
 protected:
  DelayKernelTest() : DelayWorld(GetParam()) {}
};
INSTANTIATE_TEST_SUITE_P(Line, DelayKernelTest, testing::Values(DelayChoice::kLine));
INSTANTIATE_TEST_SUITE_P(Netem, DelayKernelTest, testing::Values(DelayChoice::kNetem));

class DelayLineKernelTest : public DelayWorld {
 protected:
  DelayLineKernelTest() : DelayWorld(DelayChoice::kLine) {}
  static Fd signal_line(int signal) {
    Fd line = must(open_pidfd(line_of(::getpid()).value()));
    must(send_signal(line, signal));
    return line;
  }
};

TEST_P(DelayKernelTest, NoPacketIsEarlyInEitherFamily) {
  must(agent->apply(kSlow, seconds(60)));
  for (const IpFamily family : kBothFamilies) {
    for (int i = 0; i < 5; ++i) EXPECT_GE(round_trip(family), milliseconds(50));
  }
  const NodeView view = must(agent->core->observe());
  EXPECT_EQ(view.planes.at(0).observed, view.planes.at(0).desired);
  EXPECT_EQ(view.counters.at(0).what, "delayed packets");
  EXPECT_EQ(view.counters.at(0).count, 10U);
  EXPECT_EQ(view.counters.at(2).what, "packets lost while they waited");
  EXPECT_EQ(view.counters.at(2).count, 0U);
  must(agent->core->heal_all());
  expect_no_traces();
  EXPECT_TRUE(eventually([] { return !line_of(::getpid()); }));
}

TEST_P(DelayKernelTest, DelaysAdd) {
  must(agent->apply(kSlow, seconds(60)));
  must(agent->apply("network.delay more: left | right (delay=30ms)", seconds(60)));
  EXPECT_GE(round_trip(IpFamily::kV4), milliseconds(80));
  must(agent->core->heal(FaultId("slow")));
  EXPECT_GE(round_trip(IpFamily::kV6), milliseconds(30));
  const NodeView view = must(agent->core->observe());
  EXPECT_EQ(view.planes.at(0).observed, "more: delay 30ms to 198.18.0.2, fd00::2\n");
  must(agent->core->heal_all());
}

struct Connection {
  Fd left;
  Fd right;
};
Connection connect_left_to_right(const TwoNodes& nodes, IpFamily family) {
  const std::string ip = family == IpFamily::kV4 ? "198.18.0.2" : "fd00::2";
  const Fd server = must(open_socket(nodes.right, family, SocketKind::kTcp));
  must(bind_socket(server, {.ip = ip, .port = 0}));
  CHECK(::listen(server.get(), 1) == 0);
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  CHECK(::getsockname(server.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  Fd left = must(open_socket(nodes.left, family, SocketKind::kTcp));
  CHECK(::connect(left.get(), reinterpret_cast<sockaddr*>(&address), size) == 0 ||
        errno == EINPROGRESS);
  CHECK(must(wait_readable(server, kPatience)));
  Fd right(::accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  return {std::move(left), std::move(right)};
}

// Segments that the kernel joins, their checksums, and a connection that was there before.
TEST_P(DelayKernelTest, CarriesAnEstablishedConnectionWithoutDamage) {
  const std::string text = numbers(4'000'000);
  for (const IpFamily family : kBothFamilies) {
    const Connection talk = connect_left_to_right(nodes, family);
    EXPECT_EQ(carry(talk.left, talk.right, "before"), "before");
    must(agent->apply("network.delay slow: left | right (delay=2ms)", seconds(60)));
    EXPECT_TRUE(carry(talk.left, talk.right, text) == text);
    EXPECT_TRUE(carry(talk.right, talk.left, text) == text);
    EXPECT_GT(must(agent->core->observe()).counters.at(0).count, 50U);
    must(agent->core->heal_all());
    EXPECT_EQ(carry(talk.left, talk.right, "after"), "after");
  }
}

TEST_P(DelayKernelTest, CarriesDatagramsThatNeedFragments) {
  must(agent->apply("network.delay slow: left | right (delay=2ms)", seconds(60)));
  for (const IpFamily family : kBothFamilies) {
    const std::string ip = family == IpFamily::kV4 ? "198.18.0.2" : "fd00::2";
    const UdpEcho right = must(UdpEcho::open(nodes.right, {.ip = ip, .port = 0}));
    const UdpProbe left = must(UdpProbe::open(nodes.left, right.address()));
    const std::string text = numbers(20'000);
    EXPECT_TRUE(carry(left.fd(), right.fd(), text) == text);
  }
}

// Undoing drops no packet: what waits leaves when it is due.
TEST_P(DelayKernelTest, LetsOutWhatWaitsWhenItIsHealed) {
  Conversation talk = must(open_conversation(nodes, IpFamily::kV4));
  must(agent->apply(kVerySlow, seconds(60)));
  const MonoTime begin = system_clock().mono();
  for (int i = 0; i < 100; ++i) (void)must(talk.probe.send());
  must(agent->core->heal_all());
  std::size_t answered = 0;
  while (answered < 100 && must(wait_readable(talk.echo.fd(), kPatience))) {
    EXPECT_GE(system_clock().mono() - begin, milliseconds(400));
    answered += must(talk.echo.answer());
  }
  EXPECT_EQ(answered, 100U);
  expect_no_traces();
}

TEST_F(DelayLineKernelTest, AKilledLineOpensTheWayAndEndsTheFaultAloud) {
  const auto watcher = agent->events.subscribe();
  must(agent->apply(kSlow, seconds(60)));
  (void)signal_line(SIGKILL);
  EXPECT_TRUE(eventually([this] { return traces_in(nodes.left).devices == 0; }));
  // Already before the agent has noticed.
  Conversation talk = must(open_conversation(nodes, IpFamily::kV6));
  EXPECT_TRUE(is_answered(talk, kPatience));
  EXPECT_TRUE(eventually([this] {
    (void)agent->core->tick();
    return agent->core->status().active.empty();
  }));
  const auto lapsed = watcher->next(Duration(0));
  ASSERT_TRUE(lapsed);
  EXPECT_EQ(std::get<LapsedLease>(lapsed->what).fault.get(), "slow");
  EXPECT_EQ(std::get<NodeNote>(watcher->next(Duration(0))->what).text,
            "fault slow is over: the delay line died: killed by signal 9");
  expect_no_traces();
}

TEST_F(DelayLineKernelTest, AHungLineIsNoticedAndEnded) {
  must(agent->apply(kSlow, seconds(60)));
  const Fd line = signal_line(SIGSTOP);
  EXPECT_TRUE(eventually([this] {
    (void)agent->core->tick();
    return agent->core->status().active.empty();
  }));
  EXPECT_TRUE(must(wait_for_exit(line, kPatience)));
  Conversation talk = must(open_conversation(nodes, IpFamily::kV4));
  EXPECT_TRUE(is_answered(talk, kPatience));
  expect_no_traces();
}

// Nobody looks: the kernel's timeout alone ends the black hole.
TEST_F(DelayLineKernelTest, AHungLineSwallowsPacketsForALeaseAtMost) {
  must(agent->apply(kSlow, seconds(1)));
  const Fd line = signal_line(SIGSTOP);
  Conversation talk = must(open_conversation(nodes, IpFamily::kV4));
  EXPECT_TRUE(eventually([&] { return is_answered(talk, milliseconds(20)); }));
  must(send_signal(line, SIGCONT));
  must(agent->core->heal_all());
  expect_no_traces();
}

// A restart is a new line; the old one lets out what it holds beside it.
TEST_F(DelayLineKernelTest, ANewFaultStartsANewLineWhileTheOldOneDrains) {
  Conversation talk = must(open_conversation(nodes, IpFamily::kV4));
  must(agent->apply(kVerySlow, seconds(60)));
  const std::uint64_t old = must(talk.probe.send());
  must(agent->core->heal_all());
  must(agent->apply("network.delay other: left | right (delay=5ms)", seconds(60)));
  EXPECT_EQ(traces_in(nodes.left).devices, 2U);
  const std::uint64_t fresh = must(talk.probe.send());
  ASSERT_TRUE(must(wait_readable(talk.echo.fd(), kPatience)));
  EXPECT_EQ(must(talk.echo.answer()), 1U);
  EXPECT_TRUE(must(talk.probe.wait_for(fresh, kPatience)));
  ASSERT_TRUE(must(wait_readable(talk.echo.fd(), kPatience)));
  EXPECT_EQ(must(talk.echo.answer()), 1U);
  EXPECT_TRUE(must(talk.probe.wait_for(old, kPatience)));
  must(agent->core->heal_all());
  expect_no_traces();
}

// With its agent gone, nothing is steered any more, and the line lets out what waits.
TEST_P(DelayKernelTest, OutlivesAKilledAgentOnlyForThePacketsThatWait) {
  Conversation talk = must(open_conversation(nodes, IpFamily::kV6));
  Holder holder = must(Holder::start([this]() -> Result<> {
    const std::string state = folder.path() + "/other";
    CHECK(::mkdir(state.c_str(), 0700) == 0);
    RealAgent* other = TRY(start_agent(state, true)).release();
    TRY(other->apply(kVerySlow, seconds(60)));
    return {};
  }));
  const std::uint64_t waiting = must(talk.probe.send());
  holder.kill();
  EXPECT_TRUE(eventually([this] { return traces_in(nodes.left).rules == 0; }));
  ASSERT_TRUE(must(wait_readable(talk.echo.fd(), kPatience)));
  EXPECT_EQ(must(talk.echo.answer()), 1U);
  EXPECT_TRUE(must(talk.probe.wait_for(waiting, kPatience)));
  expect_no_traces();
}

// Death at every step of a delay's life: after the journal was replayed nothing is left.
TEST_P(DelayKernelTest, DeathAtEveryStepLeavesNothing) {
  bool is_over = false;
  int step = 1;
  for (; !is_over && step < 200; ++step) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      auto mortal = must(start_agent(folder.path(), /*has_watchdog=*/false, step));
      must(mortal->apply(kSlow, seconds(60)));
      must(mortal->apply("network.loss lossy: left | right (loss=5%, model=burst)", seconds(60)));
      must(mortal->apply("network.delay more: left | right (delay=5ms)", seconds(60)));
      must(mortal->core->renew(seconds(60)));
      must(mortal->core->heal(FaultId("slow")));
      must(mortal->core->heal_all());
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    is_over = WIFEXITED(status);
    if (is_over) {
      EXPECT_EQ(WEXITSTATUS(status), 0);
    }
    const Result<NetnsScope> inside = NetnsScope::enter(nodes.left);
    const auto recovered = recover(folder.path());
    EXPECT_TRUE(recovered.ok()) << error_of(recovered);
    EXPECT_EQ(traces_in(nodes.left).rules, 0U) << "step " << step;
    EXPECT_TRUE(eventually([this] { return traces_in(nodes.left) == Traces(); }))
        << "step " << step;
  }
  EXPECT_TRUE(is_over);
  EXPECT_GT(step, 10);
}

}  // namespace
}  // namespace squall
