// What is particular to delays by netem: leases without a process, others' qdiscs and filters, and
// how exact it is.  Skipped where the kernel has no netem; `ctest -L guest` has one that does.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "agent/agent_config.h"
#include "agent/delay/netem_delay.h"
#include "kernel/namespaces.h"
#include "kernel/netlink.h"
#include "kernel/traffic_control.h"
#include "kernel/wait.h"
#include "tests/agent/delay_world.h"

namespace squall {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kSlow = "network.delay slow: left | right (delay=50ms)";
constexpr const char* kCorrelated =
    "network.delay wavy: left | right (delay=30ms, jitter=5ms, correlation=50%)";

class NetemKernelTest : public DelayWorld {
 protected:
  NetemKernelTest() : DelayWorld(DelayChoice::kProbe) {}

  TrafficControl traffic() { return must(TrafficControl::open(nodes.left)); }
  // How long packets take now, when nobody renews anything.
  Duration now_late() {
    Conversation talk = must(open_conversation(nodes, IpFamily::kV4));
    const MonoTime begin = system_clock().mono();
    EXPECT_TRUE(is_answered(talk, kPatience));
    return system_clock().mono() - begin;
  }
};

TEST_F(NetemKernelTest, IsTakenWhereTheKernelHasIt) {
  EXPECT_EQ(must(try_delays()), "netem");
  apply(kSlow);
  EXPECT_FALSE(line_of(::getpid()));
  EXPECT_EQ(traces_in(nodes.left), (Traces{.devices = 1, .rules = 0, .hooks = 3}));
  must(agent->core->heal_all());
  expect_no_traces();
}

// Nobody looks, nobody renews: the kernel's sets stop the marks, and what is left harms nobody.
TEST_F(NetemKernelTest, DelaysForALeaseAtMost) {
  apply(kSlow, seconds(1));
  EXPECT_GE(now_late(), milliseconds(50));
  EXPECT_TRUE(eventually([&] { return now_late() < milliseconds(20); }));
  EXPECT_EQ(traces_in(nodes.left).devices, 1U);
  must(agent->core->heal_all());
  expect_no_traces();
}

TEST_F(NetemKernelTest, EachOfTwoDelaysHasALeaseOfItsOwn) {
  apply("network.delay long: left | right (delay=30ms)", seconds(60));
  apply(kSlow, seconds(1));
  EXPECT_GE(now_late(), milliseconds(80));
  EXPECT_TRUE(eventually([&] { return now_late() < milliseconds(60); }));
  EXPECT_GE(now_late(), milliseconds(30));
  must(agent->core->heal_all());
  expect_no_traces();
}

// A redirect to a link that is gone swallows packets: that must not last.
TEST_F(NetemKernelTest, ARemovedLinkIsNoticedAndEndsTheFaultAloud) {
  const auto watcher = agent->events.subscribe();
  apply(kSlow);
  Netlink netlink = must(Netlink::open(nodes.left));
  must(netlink.remove_link(netem_link(::getpid())));
  Conversation talk = must(open_conversation(nodes, IpFamily::kV6));
  EXPECT_FALSE(is_answered(talk, milliseconds(200)));
  (void)agent->core->tick();
  EXPECT_TRUE(eventually([this] {
    (void)agent->core->tick();
    return agent->core->status().active.empty();
  }));
  EXPECT_TRUE(is_answered(talk, kPatience));
  ASSERT_TRUE(watcher->next(Duration(0)));
  EXPECT_EQ(std::get<NodeNote>(watcher->next(Duration(0))->what).text,
            "fault slow is over: somebody has changed or removed our netem, link " +
                netem_link(::getpid()));
  expect_no_traces();
}

// The device's own root qdisc gets every packet, late, and is as it was afterwards.
TEST_F(NetemKernelTest, LeavesTheRootQdiscOfADeviceAlone) {
  TrafficControl control = traffic();
  const int cable = cable_of(nodes.left);
  must(control.put_bands("eth0"));  // as somebody else's would stand there
  const auto root = [&] { return must(control.qdiscs(cable)).at(0); };
  const Qdisc before = root();
  apply(kSlow);
  EXPECT_GE(now_late(), milliseconds(50));
  EXPECT_GT(root().packets, before.packets);
  must(agent->core->heal_all());
  EXPECT_EQ(root().kind, "prio");
  EXPECT_EQ(root().handle, before.handle);
  EXPECT_EQ(root().dropped, 0U);
  expect_no_traces();
}

TEST_F(NetemKernelTest, LeavesClsactOfSomebodyElseWhereItWas) {
  TrafficControl control = traffic();
  const int cable = cable_of(nodes.left);
  must(control.add_clsact(cable));
  apply(kSlow);
  EXPECT_GE(now_late(), milliseconds(50));
  EXPECT_FALSE(line_of(::getpid()));
  must(agent->core->heal_all());
  EXPECT_TRUE(eventually([&] {
    (void)agent->core->tick();
    return traces_in(nodes.left) == Traces{.devices = 0, .rules = 0, .hooks = 1};
  }));
}

TEST_F(NetemKernelTest, LeavesAnEgressWithFiltersOfSomebodyElseToTheLine) {
  TrafficControl control = traffic();
  const int cable = cable_of(nodes.left);
  must(control.add_clsact(cable));
  must(control.add_redirect(cable, 7, {.value = 77, .mask = 77}, cable));
  const Traces before = traces_in(nodes.left);
  apply(kSlow);
  EXPECT_TRUE(line_of(::getpid()));
  EXPECT_GE(now_late(), milliseconds(50));
  must(agent->core->heal_all());
  EXPECT_TRUE(eventually([&] {
    (void)agent->core->tick();
    return traces_in(nodes.left) == before;
  }));
}

// What netem cannot do exactly goes to the line, and everything else with it.
TEST_F(NetemKernelTest, GivesWayToTheLineForACorrelation) {
  apply(kSlow);
  Conversation talk = must(open_conversation(nodes, IpFamily::kV4));
  const std::uint64_t waiting = must(talk.probe.send());
  apply(kCorrelated);
  EXPECT_TRUE(line_of(::getpid()));
  ASSERT_TRUE(must(wait_readable(talk.echo.fd(), kPatience)));
  EXPECT_EQ(must(talk.echo.answer()), 1U);
  EXPECT_TRUE(must(talk.probe.wait_for(waiting, kPatience)));
  EXPECT_GE(now_late(), milliseconds(50));
  const NodeView view = must(agent->core->observe());
  EXPECT_EQ(view.planes.at(0).observed, view.planes.at(0).desired);
  must(agent->core->heal_all());
  expect_no_traces();
}

TEST_F(NetemKernelTest, TakesFourDelaysAtOnceAndTheLineMore) {
  for (int i = 1; i <= 5; ++i) {
    apply("network.delay d" + std::to_string(i) + ": left | right (delay=10ms)");
    EXPECT_EQ(line_of(::getpid()).has_value(), i == 5);
    EXPECT_GE(now_late(), i * milliseconds(10));
  }
  must(agent->core->heal_all());
  expect_no_traces();
}

// Not only between the calls of the agent, but in the middle of them: while links, qdiscs, hooks
// and filters are made and removed.
TEST_F(NetemKernelTest, DeathAtAnyMomentLeavesNothing) {
  constexpr int kMoments = 60;
  for (int moment = 0; moment < kMoments; ++moment) {
    std::array<int, 2> ready{};
    ASSERT_EQ(::pipe2(ready.data(), O_CLOEXEC), 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
      auto mortal = must(start_agent(folder.path(), false));
      (void)!::write(ready[1], "!", 1);
      for (;;) {
        must(mortal->apply(kSlow, seconds(60)));
        must(mortal->apply("network.delay more: left | right (delay=5ms)", seconds(60)));
        must(mortal->core->heal_all());
        while (mortal->core->tick().has_value()) {
        }
      }
    }
    char byte = 0;
    EXPECT_EQ(::read(ready[0], &byte, 1), 1);
    (void)::close(ready[0]);
    (void)::close(ready[1]);
    const timespec wait{.tv_sec = 0, .tv_nsec = moment * 400'000L};
    (void)::ppoll(nullptr, 0, &wait, nullptr);
    (void)::kill(pid, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFSIGNALED(status));
    const Result<NetnsScope> inside = NetnsScope::enter(nodes.left);
    const auto recovered = recover(folder.path());
    EXPECT_TRUE(recovered.ok()) << error_of(recovered);
    EXPECT_EQ(traces_in(nodes.left), Traces()) << "moment " << moment;
  }
}

double ms(Duration duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

// Of packets that leave every `pace`: how late each came, in milliseconds, in the order of sending.
std::vector<double> lateness(const TwoNodes& nodes, int count, Duration pace) {
  const UdpEcho echo = must(UdpEcho::open(nodes.right, {.ip = "198.18.0.2", .port = 0}));
  const UdpProbe probe = must(UdpProbe::open(nodes.left, echo.address()));
  std::vector<double> late(static_cast<std::size_t>(count), -1);
  std::vector<MonoTime> sent;
  const MonoTime begin = system_clock().mono();
  std::size_t received = 0;
  const auto take = [&] {
    std::uint32_t number = 0;
    while (::recv(echo.fd().get(), &number, sizeof number, MSG_DONTWAIT) == sizeof number) {
      late.at(number) = ms(system_clock().mono() - sent.at(number));
      ++received;
    }
  };
  for (std::uint32_t i = 0; i < late.size(); ++i) {
    for (MonoTime due = begin + i * pace; system_clock().mono() < due;) {
      (void)wait_readable(echo.fd(), std::min(due - system_clock().mono(), pace));
      take();
    }
    sent.push_back(system_clock().mono());
    EXPECT_EQ(::send(probe.fd().get(), &i, sizeof i, 0), ssize_t{sizeof i});
  }
  while (received < late.size() && must(wait_readable(echo.fd(), seconds(2)))) take();
  return late;
}

// The same for both ways of delaying packets.  In the guest only: its clock counts instructions,
// while elsewhere whatever else the host does is measured too.
class DelayAccuracyTest : public DelayWorld, public testing::WithParamInterface<DelayChoice> {
 protected:
  DelayAccuracyTest() : DelayWorld(GetParam()) {}
  void SetUp() override {
    if (std::getenv("SQUALL_GUEST") == nullptr) GTEST_SKIP() << "measures; run ctest -L guest";
    DelayWorld::SetUp();
  }
  // A line that the guest's results show.
  static void say(const std::string& what, double value) {
    (void)std::printf("measured: %s, %s: %.3f\n",
                      GetParam() == DelayChoice::kLine ? "delay line" : "netem", what.c_str(),
                      value);
  }
};
INSTANTIATE_TEST_SUITE_P(Line, DelayAccuracyTest, testing::Values(DelayChoice::kLine));
INSTANTIATE_TEST_SUITE_P(Netem, DelayAccuracyTest, testing::Values(DelayChoice::kNetem));

TEST_P(DelayAccuracyTest, HalfOfThePacketsAreWithinAMillisecondInEitherFamily) {
  constexpr int kCount = 51;
  for (const IpFamily family : kBothFamilies) {
    const Duration base = round_trips(family, kCount)[kCount / 2];
    apply(kSlow);
    const Duration median = round_trips(family, kCount)[kCount / 2] - base;
    must(agent->core->heal_all());
    const std::string name = family == IpFamily::kV4 ? "IPv4" : "IPv6";
    say("50 ms requested, median in ms, " + name, ms(median));
    EXPECT_GE(median, milliseconds(50) - base);
    EXPECT_LE(median, milliseconds(51));
  }
}

TEST_P(DelayAccuracyTest, LosesNothingBeyondTheKernelsUsualLimit) {
  // 2 000 packets wait at a time; the kernel's own default for netem is a limit of 1 000.
  constexpr int kCount = 8'000;
  apply("network.delay slow: left | right (delay=200ms)");
  const std::vector<double> late = lateness(nodes, kCount, microseconds(100));
  say("lost of 8000 packets at 10000/s with 200 ms",
      static_cast<double>(std::count(late.begin(), late.end(), -1)));
  EXPECT_EQ(std::count(late.begin(), late.end(), -1), 0);
  EXPECT_GE(*std::min_element(late.begin(), late.end()), 200);
  EXPECT_EQ(must(agent->core->observe()).counters.at(2).count, 0U);
  must(agent->core->heal_all());
  expect_no_traces();
}

TEST_P(DelayAccuracyTest, JitterHasTheShapeThatWasAskedFor) {
  constexpr int kCount = 2'000;
  for (const char* shape : {"uniform", "normal", "pareto"}) {
    apply("network.delay slow: left | right (delay=50ms, jitter=10ms, distribution=" +
          std::string(shape) + ")");
    std::vector<double> late = lateness(nodes, kCount, microseconds(500));
    must(agent->core->heal_all());
    std::sort(late.begin(), late.end());
    const DelaySpec spec{.delay = milliseconds(50),
                         .jitter = milliseconds(10),
                         .shape = must(parse_delay_shape(shape))};
    const double mean = std::accumulate(late.begin(), late.end(), 0.0) / kCount;
    say(std::string("median of 50 ms ± 10 ms, ") + shape, late[kCount / 2]);
    EXPECT_NEAR(late[kCount / 2], ms(median_of(spec)), 1.2) << shape;
    EXPECT_NEAR(mean, 50, 1.5) << shape;
    const double tail = ms(delay_at(spec, 1.6449));  // 95 of 100 are earlier
    EXPECT_NEAR(late[kCount * 95 / 100], tail, 3.5) << shape;
    EXPECT_GE(late.front(), 0) << shape;
  }
}

}  // namespace
}  // namespace squall
