// Brings the stack up through the agents: processes in the order of `after`, each until it serves.
#pragma once

#include <map>
#include <string>

#include "arena/arena.h"
#include "base/result.h"
#include "orchestrator/log_tail.h"
#include "scenarios/scenario.h"

namespace squall {

// Where a process's output goes.
[[nodiscard]] std::string log_path(const Arena& arena, const NodeName& node,
                                   const std::string& process);

// Has the output of every process of the stack followed.
void follow_stack(const Arena& arena, const Topology& topology, LogTail& tail);

// Returns when all are ready.  An error names node and process, and quotes its last output lines.
[[nodiscard]] Result<> start_stack(Arena& arena, const Topology& topology);

// Every agent answers and can do every fault kind of the timeline; the answers, by node.
[[nodiscard]] Result<std::map<std::string, AgentCapabilities>> check_agents(
    Arena& arena, const Scenario& scenario);

}  // namespace squall
