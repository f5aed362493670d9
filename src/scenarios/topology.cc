// Looking things up in a topology.
#include "scenarios/topology.h"

#include <algorithm>

namespace squall {

const NodeSpec* find_node(const Topology& topology, const NodeName& name) {
  const auto found = std::find_if(topology.nodes.begin(), topology.nodes.end(),
                                  [&](const NodeSpec& node) { return node.name == name; });
  return found == topology.nodes.end() ? nullptr : &*found;
}

const ProcessSpec* find_process(const Topology& topology, const ProcessName& name) {
  const auto found = std::find_if(topology.processes.begin(), topology.processes.end(),
                                  [&](const ProcessSpec& process) { return process.name == name; });
  return found == topology.processes.end() ? nullptr : &*found;
}

}  // namespace squall
