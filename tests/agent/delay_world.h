// Two nodes, an agent in the left one, and what its delays leave behind there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/agent/real_agent.h"
#include "tests/support/own_namespaces.h"

namespace squall {

// What delays leave in a namespace: devices and rules of ours, and hooks at the egress of others.
struct Traces {
  std::size_t devices = 0;
  std::size_t rules = 0;
  std::size_t hooks = 0;  // clsact, and the filters in it
  friend bool operator==(const Traces&, const Traces&) = default;
};
Traces traces_in(const Fd& netns);
// The index of "eth0".
int cable_of(const Fd& netns);

class DelayWorld : public KernelTest {
 protected:
  explicit DelayWorld(DelayChoice delays) : delays_(delays) {}
  void SetUp() override;
  void expect_no_traces();
  // How long one datagram takes there and back, once and several times in ascending order.
  Duration round_trip(IpFamily family);
  std::vector<Duration> round_trips(IpFamily family, int count);
  // Not of `agent`: for a process that is to die.
  [[nodiscard]] Result<std::unique_ptr<RealAgent>> start_agent(const std::string& state_dir,
                                                               bool has_watchdog, int dies_at = 0);
  void apply(const std::string& fault, Duration lease = std::chrono::seconds(60)) {
    must(agent->apply(fault, lease));
  }

  TwoNodes nodes;
  std::optional<Victim> victim;
  TemporaryFolder folder;
  std::unique_ptr<RealAgent> agent;

 private:
  DelayChoice delays_;
};

// The process of a delay line whose agent is this one.
std::optional<pid_t> line_of(pid_t agent);

}  // namespace squall
