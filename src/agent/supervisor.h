// Starts, watches, restarts and stops the stack's processes of one node.  They outlive the agent;
// a restarted agent finds them again.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/event_bus.h"
#include "agent/launch_skews.h"
#include "agent/process_table.h"
#include "agent/stack_processes.h"
#include "base/fd.h"

namespace squall {

struct SupervisorParts {
  std::string node;
  std::string search_path;
  std::string table_path;
  std::string boot;
  const Clock& clock;
  EventBus& events;
  std::function<void()> wake_loop;     // poll_fds() or next_due() has changed
  const LaunchSkews* skews = nullptr;  // whose clocks are wrong from the start; none: nobody's
};

// Thread-safe.
class Supervisor final : public StackProcesses {
 public:
  explicit Supervisor(SupervisorParts parts) : parts_(std::move(parts)) {}

  // Finds the processes of the table file again.  A file of another boot is forgotten.
  [[nodiscard]] Result<> adopt();

  // kInvalid when one of that name runs already.
  [[nodiscard]] Result<ProcessId> start(const StackProcess& process);
  // kTimeout says what is still missing; kIo when the process has ended meanwhile.
  [[nodiscard]] Result<MonoTime> wait_ready(const ProcessName& name, Duration within);
  // SIGTERM, after `grace` SIGKILL to its whole tree; returns when it is gone.  An empty name is
  // everybody.  What is not there is stopped.
  [[nodiscard]] Result<> stop(const ProcessName& name, Duration grace);
  [[nodiscard]] std::vector<StackProcessStatus> status() const;
  // Ends all waiting for readiness, now and from now on.
  void close();

  [[nodiscard]] std::vector<std::string> names() const override;
  [[nodiscard]] std::optional<ProcessId> find(const ProcessName& process) const override;
  void plan_restart(const ProcessName& process, Duration after) override;

  // The loop: poll these, and call tick() when one is readable or next_due() has come.
  [[nodiscard]] std::vector<int> poll_fds() const;
  [[nodiscard]] std::optional<MonoTime> next_due() const;
  void tick();

 private:
  struct Managed {
    ProcessRecord record;
    Fd pidfd;  // open while it runs
    bool is_child = true;
    bool is_stopping = false;
    std::optional<Duration> planned;  // restart after its next end
    std::optional<MonoTime> restart_at;
    std::uint32_t failures = 0;  // in a row
    MonoTime started;
  };

  [[nodiscard]] Result<> launch(Managed& managed);
  [[nodiscard]] Result<> save() const;
  void adopt_one(ProcessRecord record);
  void take_end(Managed& managed);
  void plan_next(Managed& managed, bool is_failure);
  void restart(Managed& managed);
  void publish(const Managed& managed);
  [[nodiscard]] Result<> stop_one(const ProcessName& name, Duration grace);
  [[nodiscard]] bool wait_until_gone(std::unique_lock<std::mutex>& lock, const ProcessName& name,
                                     Duration within);

  SupervisorParts parts_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<ProcessName, Managed> managed_;
  bool is_closed_ = false;
};

}  // namespace squall
