// The fixture of tests that delay packets.
#include "tests/agent/delay_world.h"

#include <unistd.h>

#include <algorithm>

#include "kernel/namespaces.h"
#include "kernel/netlink.h"
#include "kernel/probes.h"
#include "kernel/process.h"
#include "kernel/traffic_control.h"

namespace squall {

Traces traces_in(const Fd& netns) {
  Netlink netlink = must(Netlink::open(netns));
  TrafficControl traffic = must(TrafficControl::open(netns));
  Traces traces;
  for (const Link& link : must(netlink.links())) {
    if (link.name.starts_with("squall")) {
      ++traces.devices;
      continue;
    }
    for (const Qdisc& qdisc : must(traffic.qdiscs(link.index))) {
      traces.hooks += qdisc.kind == "clsact";
    }
    traces.hooks += must(traffic.hook_filters(link.index)).size();
  }
  for (const PolicyRule& rule : must(netlink.rules())) traces.rules += rule.mark_mask != 0;
  return traces;
}

int cable_of(const Fd& netns) {
  return must(must(Netlink::open(netns)).link("eth0")).index;
}

std::optional<pid_t> line_of(pid_t agent) {
  for (const pid_t pid : must(children(agent))) {
    const Result<ProcessStat> stat = process_stat(pid);
    if (stat.ok() && stat->name == "squall-delay" && stat->state != 'Z') return pid;
  }
  return std::nullopt;
}

void DelayWorld::SetUp() {
  KernelTest::SetUp();
  if (IsSkipped()) return;
  if (delays_ != DelayChoice::kNetem) {
    if (const Result<> tun = probe_tun(); !tun.ok()) GTEST_SKIP() << tun.error().what;
  }
  if (delays_ != DelayChoice::kLine) {
    if (const Result<> netem = probe_netem(); !netem.ok()) GTEST_SKIP() << netem.error().what;
  }
  nodes = must(make_two_nodes());
  victim.emplace(must(Victim::start()));
  agent = must(start_agent(folder.path(), false));
}

Result<std::unique_ptr<RealAgent>> DelayWorld::start_agent(const std::string& state_dir,
                                                           bool has_watchdog, int dies_at) {
  return RealAgent::start(nodes, victim->id(), state_dir, has_watchdog, dies_at, "", delays_);
}

void DelayWorld::expect_no_traces() {
  EXPECT_TRUE(eventually([this] {
    (void)agent->core->tick();
    return traces_in(nodes.left) == Traces();
  }));
}

Duration DelayWorld::round_trip(IpFamily family) {
  return round_trips(family, 1).front();
}

std::vector<Duration> DelayWorld::round_trips(IpFamily family, int count) {
  Conversation talk = must(open_conversation(nodes, family));
  std::vector<Duration> times;
  for (int i = 0; i < count; ++i) {
    const MonoTime begin = system_clock().mono();
    EXPECT_TRUE(is_answered(talk, kPatience));
    times.push_back(system_clock().mono() - begin);
  }
  std::sort(times.begin(), times.end());
  return times;
}

}  // namespace squall
