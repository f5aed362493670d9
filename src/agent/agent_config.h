// What an agent is told at its start, as one JSON file (`squall agent --config FILE`).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace squall {

struct NodeAddresses {
  std::string ipv4;
  std::string ipv6;
};

struct AgentConfig {
  NodeName node;
  std::string socket;                          // the Unix socket it serves, mode 0600
  std::string state_dir;                       // journal and process table; must outlive the agent
  std::map<std::string, NodeAddresses> nodes;  // all nodes of the stack, itself included
  int probe_port = 4747;                       // UDP, both families
  std::string cgroup_parent;                   // where a freezer may be made; "": none
  std::string search_path;                     // PATH of the stack's processes
};

[[nodiscard]] Result<AgentConfig> read_agent_config(const std::string& path);
[[nodiscard]] std::string to_json(const AgentConfig& config);

// Serves until SIGTERM; heals everything before it returns.  Errors: the socket, the journal.
[[nodiscard]] Result<> run_agent(const AgentConfig& config);

// Replays the journals under `state_dir` (or everything that carries our name, if empty): undoes
// what agents that are gone left behind.  Returns what was undone, one line each.
[[nodiscard]] Result<std::vector<std::string>> recover(const std::string& state_dir);

}  // namespace squall
