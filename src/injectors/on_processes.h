// What injectors that point at processes (`on: SELECTOR`) have in common.
#pragma once

#include "injectors/injector.h"

namespace squall {

// The one list of targets, each a process of a known node, or kInvalid.
[[nodiscard]] Result<std::vector<Target>> process_targets(const Fault& fault,
                                                          const HostFacts& host);

}  // namespace squall
