// Selectors that are resolved before the run.  Internal to this folder.
#pragma once

#include <vector>

#include "base/result.h"
#include "base/rng.h"
#include "scenarios/selector.h"

namespace squall {

// Needs the running stack, or names clients: where those run depends on their kind, which is not
// known here.  It is resolved as the fault fires.
[[nodiscard]] bool is_for_later(const Selector& selector, const Topology& topology);

// What a side of a fault matches: nodes of a pair, or processes.  Nothing is an error.
[[nodiscard]] Result<std::vector<Target>> targets_of(const Selector& side, bool is_pair,
                                                     const Topology& topology, Rng& rng);

// "e1 | e2/etcd"
[[nodiscard]] Result<Selector> listed(const std::vector<Target>& targets);

}  // namespace squall
