// An AgentCore on a fake node, for tests without privileges.
#pragma once

#include <memory>
#include <string>

#include "agent/agent_core.h"
#include "injectors/injector.h"
#include "tests/agent/fake_kernel.h"

namespace squall {

inline AgentConfig config_of_e1() {
  AgentConfig config;
  config.node = NodeName("e1");
  config.nodes = {{"e1", {"198.18.0.1", "fd00::1"}},
                  {"e2", {"198.18.0.2", "fd00::2"}},
                  {"e3", {"198.18.0.3", "fd00::3"}}};
  return config;
}

struct FakeAgent {
  explicit FakeAgent(const std::string& cgroup_parent = "") {
    config.cgroup_parent = cgroup_parent;
    for (pid_t pid : {10, 11, 20}) kernel.processes[{pid, 1}] = {};
    kernel.processes[{10, 1}].children = {{11, 1}};
    stack.running = {{"etcd", {10, 1}}, {"redis", {20, 1}}};
    core = std::make_unique<AgentCore>(
        AgentParts{config, kernel, clock, board, stack, events, "boot-1", [] {},
                   [this] { return is_watchdog_alive; }, [] {}, &launches});
    (void)core->begin({});
  }

  Result<AppliedFault> apply(const std::string& line, Duration lease = std::chrono::seconds(5)) {
    return core->apply(TRY(parse_fault(line)), lease);
  }

  AgentConfig config = config_of_e1();
  FakeClock clock;
  FakeKernel kernel{clock};
  FakeStack stack;
  LeaseBoard board;
  EventBus events;
  LaunchSkews launches;
  bool is_watchdog_alive = true;
  std::unique_ptr<AgentCore> core;
};

}  // namespace squall
