// `squall run --dry-run`: the resolved timeline, the targets, and what every plane of every node
// would be taken to.
#pragma once

#include "scenarios/scenario.h"

namespace squall {

// Changes nothing; returns the exit code.
[[nodiscard]] int print_dry_run(const Scenario& scenario);

}  // namespace squall
