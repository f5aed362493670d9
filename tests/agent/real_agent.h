// An AgentCore on a real kernel: in the left one of two nodes, with a watchdog and one process.
#pragma once

#include <memory>
#include <string>

#include "agent/agent_core.h"
#include "agent/linux_kernel.h"
#include "agent/watchdog.h"
#include "base/fd.h"
#include "injectors/injector.h"
#include "tests/support/two_nodes.h"

namespace squall {

// A child of the test that does nothing until it is killed: the stack's process "victim".
class Victim {
 public:
  static Result<Victim> start();
  Victim(Victim&& other) noexcept = default;
  Victim& operator=(Victim&&) = delete;
  ~Victim();
  [[nodiscard]] const ProcessId& id() const { return id_; }
  [[nodiscard]] bool is_stopped() const;

 private:
  Victim(ProcessId id, Fd pidfd) : id_(id), pidfd_(std::move(pidfd)) {}
  ProcessId id_;
  Fd pidfd_;
};

class OneProcess final : public StackProcesses {
 public:
  explicit OneProcess(ProcessId id) : id_(id) {}
  [[nodiscard]] std::vector<std::string> names() const override { return {"victim"}; }
  [[nodiscard]] std::optional<ProcessId> find(const ProcessName&) const override { return id_; }
  void plan_restart(const ProcessName&, Duration) override {}

 private:
  ProcessId id_;
};

// Passes every call on, and dies by SIGKILL instead of the n-th.
std::unique_ptr<NodeKernel> dying_kernel(std::unique_ptr<NodeKernel> kernel, int dies_at);

struct RealAgent {
  // Call it in a process of its own, or with `has_watchdog` false.  dies_at 0: it does not.
  static Result<std::unique_ptr<RealAgent>> start(const TwoNodes& nodes, const ProcessId& victim,
                                                  const std::string& state_dir, bool has_watchdog,
                                                  int dies_at = 0,
                                                  const std::string& cgroup_parent = "",
                                                  DelayChoice delays = DelayChoice::kProbe);
  [[nodiscard]] Result<AppliedFault> apply(const std::string& line, Duration lease) {
    return core->apply(TRY(parse_fault(line)), lease);
  }

  AgentConfig config;
  std::unique_ptr<OneProcess> stack;
  LeaseBoard* board = nullptr;
  std::optional<Watchdog> watchdog;
  std::unique_ptr<NodeKernel> kernel;
  EventBus events;
  std::unique_ptr<AgentCore> core;
};

// Whether it becomes true within kPatience.
bool eventually(const std::function<bool()>& is_true);
// An empty folder, removed with its content.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace squall
