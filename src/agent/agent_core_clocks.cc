// The clock plane's share of the agent core.
#include <algorithm>

#include "agent/agent_core.h"

namespace squall {
namespace {

bool does_skew(const LeasedFault& fault) {
  return std::any_of(fault.effects.begin(), fault.effects.end(), [](const Effect& effect) {
    return std::holds_alternative<SkewClock>(effect);
  });
}

}  // namespace

ClockState AgentCore::desired_clocks() const {
  return compile_clocks(active());
}

bool AgentCore::skews_anything() const {
  return std::any_of(active_.begin(), active_.end(),
                     [](const auto& row) { return does_skew(row.second); });
}

Result<> AgentCore::check_skews(const LeasedFault& fault) const {
  for (const Effect& effect : fault.effects) {
    if (const auto* skew = std::get_if<SkewClock>(&effect)) TRY(check_known(skew->process));
  }
  return {};
}

void AgentCore::restore_left_clocks() {
  for (const std::string& name : parts_.processes.names()) {
    const std::optional<ProcessId> main = parts_.processes.find(ProcessName(name));
    if (!main) continue;
    const Result<> restored = clocks_.restore_all(*main);
    if (!restored.ok()) say("clock of " + name + ": " + restored.error().what);
  }
}

// Renewing is a data write in each process; whoever is new gets the code as well.  A process that
// cannot be reached ends its skew by itself, and observe() says so.
void AgentCore::renew_clocks() {
  if (!skews_anything()) return;
  const Result<> renewed = clocks_.reconcile(desired_clocks());
  if (!renewed.ok()) say("clock plane: " + renewed.error().what);
}

// Readings that others' faults changed before it are not its evidence.
void AgentCore::begin_counting_skewed(const LeasedFault& fault) {
  std::uint64_t before = 0;
  for (const Effect& effect : fault.effects) {
    if (const auto* skew = std::get_if<SkewClock>(&effect)) {
      before += clocks_.readings(skew->process);
    }
  }
  skewed_counts_.erase(fault.fault.id);
  skewed_before_[fault.fault.id] = before;
}

void AgentCore::count_skewed() {
  for (const auto& [id, fault] : active_) {
    if (!does_skew(fault)) continue;
    std::uint64_t now = 0;
    for (const Effect& effect : fault.effects) {
      if (const auto* skew = std::get_if<SkewClock>(&effect)) {
        now += clocks_.readings(skew->process);
      }
    }
    skewed_counts_[id] = now - skewed_before_[id];
  }
}

}  // namespace squall
