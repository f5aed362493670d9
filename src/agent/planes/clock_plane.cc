// The fold over clock offsets.
#include "agent/planes/clock_plane.h"

#include <algorithm>
#include <map>

namespace squall {
namespace {

// No sum of offsets comes near it, since each is at most a year and 2^63 ns are 292; but a fold has
// an answer for everything.
Duration add(Duration a, Duration b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a.count(), b.count(), &sum)) return a;
  return Duration(sum);
}

}  // namespace

const SkewedProcess* ClockState::find(const ProcessName& process) const {
  const auto found = std::find_if(skewed.begin(), skewed.end(),
                                  [&](const SkewedProcess& one) { return one.process == process; });
  return found == skewed.end() ? nullptr : &*found;
}

ClockState compile_clocks(std::span<const LeasedFault> active) {
  std::vector<LeasedFault> ordered(active.begin(), active.end());
  std::sort(ordered.begin(), ordered.end(), folds_before);
  std::map<ProcessName, SkewedProcess> by_name;
  for (const LeasedFault& fault : ordered) {
    for (const Effect& effect : fault.effects) {
      const auto* skew = std::get_if<SkewClock>(&effect);
      if (skew == nullptr) continue;
      SkewedProcess& process = by_name[skew->process];
      process.process = skew->process;
      process.offset = add(process.offset, skew->offset);
      process.faults.push_back(fault.fault.id);
    }
  }
  ClockState state;
  for (auto& [name, process] : by_name) state.skewed.push_back(std::move(process));
  return state;
}

std::string to_text(const ClockState& state) {
  std::string text;
  for (const SkewedProcess& process : state.skewed) {
    text += process.process.get() + ": clock off by " + to_text(process.offset) + "\n";
  }
  return text;
}

}  // namespace squall
