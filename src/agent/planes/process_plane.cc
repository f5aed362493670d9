// The fold over pauses.
#include "agent/planes/process_plane.h"

#include <algorithm>
#include <map>

namespace squall {

const PausedProcess* ProcessState::find(const ProcessName& process) const {
  const auto found = std::find_if(paused.begin(), paused.end(),
                                  [&](const PausedProcess& one) { return one.process == process; });
  return found == paused.end() ? nullptr : &*found;
}

ProcessState compile_processes(std::span<const LeasedFault> active, bool has_freezer) {
  std::vector<LeasedFault> ordered(active.begin(), active.end());
  std::sort(ordered.begin(), ordered.end(), folds_before);
  std::map<ProcessName, PausedProcess> by_name;
  for (const LeasedFault& fault : ordered) {
    for (const Effect& effect : fault.effects) {
      const auto* pause = std::get_if<Pause>(&effect);
      if (pause == nullptr) continue;
      PausedProcess& process = by_name[pause->process];
      process.process = pause->process;
      const bool is_frozen = pause->mechanism == PauseMechanism::kFreezer ||
                             (pause->mechanism == PauseMechanism::kAuto && has_freezer);
      (is_frozen ? process.frozen_by : process.stopped_by).push_back(fault.fault.id);
    }
  }
  ProcessState state;
  for (auto& [name, process] : by_name) state.paused.push_back(std::move(process));
  return state;
}

std::string to_text(const ProcessState& state) {
  std::string text;
  for (const PausedProcess& process : state.paused) {
    const bool is_both = !process.stopped_by.empty() && !process.frozen_by.empty();
    text += process.process.get() + ": ";
    if (!process.stopped_by.empty()) text += "stopped";
    if (is_both) text += " and ";
    if (!process.frozen_by.empty()) text += "frozen";
    text += "\n";
  }
  return text;
}

}  // namespace squall
