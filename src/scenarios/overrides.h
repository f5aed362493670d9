// `--set KEY=VALUE`: changes the tree before it is read, so that an override is checked like any
// other text, and names that are not there are found the same way.  Internal to this folder.
#pragma once

#include <map>
#include <string>

#include "scenarios/reader.h"

namespace squall {

// KEY is a path: "seed", "steady.availability", "workload.0.lease", "workload.etcd-lock.hold",
// "timeline.cut.for", "checks.set-full.client", "stack.with.min-replicas".  Entries of lists are
// named by index, `name`, `client`, `fault` or check.
void apply_overrides(YamlNode& root, const std::map<std::string, std::string>& overrides,
                     Problems& problems);

}  // namespace squall
