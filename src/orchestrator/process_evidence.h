// What the agents' word about a process says of a pause or a kill.  Pure.
#pragma once

#include <string>
#include <vector>

#include "arena/agent_client.h"
#include "faults/effect.h"
#include "history/recording.h"

namespace squall {

// Rows for one effect on one node: "state of etcd: expected paused, observed running".
// `moment` is "during" or "after".  Empty for effects of other planes.
[[nodiscard]] std::vector<EvidenceRow> process_rows(const std::string& fault,
                                                    const std::string& moment,
                                                    const TargetedEffect& effect,
                                                    const std::vector<ProcessStatus>& before,
                                                    const std::vector<ProcessStatus>& now);

}  // namespace squall
