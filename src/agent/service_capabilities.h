// What this node can do, tried rather than assumed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/agent_config.h"

namespace squall {

struct NodeCapabilities {
  std::vector<std::string> kinds;
  std::map<std::string, std::string> missing;  // kind → why not, and what would help
  std::map<std::string, std::string> facts;
};
[[nodiscard]] NodeCapabilities probe_capabilities(const AgentConfig& config);

}  // namespace squall
