// Looks for our code in processes.
#include "agent/recover_clocks.h"

#include "agent/journal.h"
#include "kernel/clock_skew.h"

namespace squall {

std::vector<std::string> recover_clocks(std::span<const pid_t> processes) {
  std::vector<std::string> undone;
  for (const pid_t pid : processes) {
    const Result<ClockReading> reading = read_clock(pid);
    if (!reading.ok() || !reading->is_patched || system_clock().boot() < reading->until) continue;
    const Result<ProcessId> id = identify(pid);
    if (!id.ok() || !restore_clock(pid).ok()) continue;
    undone.push_back("undone: " + to_text(Change(SkewedClock{*id})));
  }
  return undone;
}

}  // namespace squall
