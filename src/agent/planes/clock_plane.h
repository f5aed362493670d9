// The clock plane of one node: by how much each process's wall clock is wrong.  Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "agent/planes/leased_fault.h"

namespace squall {

struct SkewedProcess {
  ProcessName process;
  Duration offset{0};  // may be 0: two faults that cancel each other out
  std::vector<FaultId> faults;
  friend bool operator==(const SkewedProcess&, const SkewedProcess&) = default;
};

struct ClockState {
  std::vector<SkewedProcess> skewed;  // by name
  friend bool operator==(const ClockState&, const ClockState&) = default;

  [[nodiscard]] const SkewedProcess* find(const ProcessName& process) const;
};

// The fold: the offsets of a process add.
[[nodiscard]] ClockState compile_clocks(std::span<const LeasedFault> active);
// "etcd: clock off by -90s"; one line per process.
[[nodiscard]] std::string to_text(const ClockState& state);

}  // namespace squall
