// The process plane of one node: which processes stand still, and by whom.  Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "agent/planes/leased_fault.h"

namespace squall {

// Stopping and freezing are independent: a process goes on when neither holds it.
struct PausedProcess {
  ProcessName process;
  std::vector<FaultId> stopped_by;  // SIGSTOP
  std::vector<FaultId> frozen_by;   // cgroup freezer
  friend bool operator==(const PausedProcess&, const PausedProcess&) = default;
};

struct ProcessState {
  std::vector<PausedProcess> paused;  // by name
  friend bool operator==(const ProcessState&, const ProcessState&) = default;

  [[nodiscard]] const PausedProcess* find(const ProcessName& process) const;
};

// The fold: a process is paused while anyone pauses it.  `has_freezer` decides what kAuto means.
[[nodiscard]] ProcessState compile_processes(std::span<const LeasedFault> active, bool has_freezer);
// "etcd: stopped", "etcd: frozen", "etcd: stopped and frozen"; one line per process.
[[nodiscard]] std::string to_text(const ProcessState& state);

}  // namespace squall
