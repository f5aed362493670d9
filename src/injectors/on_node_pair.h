// What injectors that act between two groups of nodes (`between`, or `from` and `to`) have in
// common.
#pragma once

#include <vector>

#include "injectors/injector.h"

namespace squall {

// Two sides, each of known nodes, nobody on both; or kInvalid.
[[nodiscard]] Result<> check_node_pair(const Fault& fault, const HostFacts& host);
[[nodiscard]] std::vector<NodeName> node_names(const std::vector<Target>& side);

}  // namespace squall
