// From a timeline entry's selectors to the fault's targets, as its kind wants them.
#pragma once

#include <string>
#include <vector>

#include "faults/fault.h"
#include "scenarios/scenario.h"

namespace squall {

struct ResolvedTargets {
  std::vector<std::vector<Target>> sides;
  std::string selected_by;  // "leader(registry) = e2/etcd"; "" where nothing was asked
  bool is_live = false;     // the stack itself was asked
};

// Nodes for a kind that aims at nodes (a process stands for its node); processes for one that aims
// at processes (a node stands for all that the topology runs there).  Draws come from the entry's
// own stream.
[[nodiscard]] Result<ResolvedTargets> resolve_targets(const TimelineEntry& entry,
                                                      const SelectorWorld& world,
                                                      std::uint64_t seed);

[[nodiscard]] std::string sides_text(const std::vector<std::vector<Target>>& sides);
[[nodiscard]] std::string params_text(const Params& params);

}  // namespace squall
