// The lab as data: which region is which bridge, which node has which address and folder.  Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/agent_config.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "scenarios/topology.h"

namespace squall {

// 198.18.1.0/24 … 198.18.250.0/24.
inline constexpr std::size_t kMaxRegions = 250;

struct LabRegion {
  std::string name;
  std::string bridge;    // in the lab's root network namespace
  std::string prefix4;   // "198.18.1.0/24"
  std::string prefix6;   // "fd00:198:18:1::/64"
  std::string gateway4;  // the bridge's own addresses
  std::string gateway6;
};

struct LabNode {
  NodeName name;
  std::size_t region = 0;
  NodeAddresses addresses;
  std::string veth;  // the bridge's end of the link; the node's end is eth0
};

struct RegionPair {
  std::size_t from = 0;
  std::size_t to = 0;
  friend auto operator<=>(const RegionPair&, const RegionPair&) = default;
};

struct LabPlan {
  std::vector<LabRegion> regions;
  std::vector<LabNode> nodes;            // in the topology's order
  std::map<RegionPair, Duration> delay;  // one way; pairs without delay are absent
  std::map<std::string, NodeAddresses> addresses;
};

// kInvalid: too many nodes or regions, a name that is no host name, a node twice.
[[nodiscard]] Result<LabPlan> plan_lab(const Topology& topology, bool has_baseline);

// The text of /etc/hosts for every node.
[[nodiscard]] std::string hosts_file(const LabPlan& plan);

// Where things are in the lab's memory file system.
struct LabPaths {
  std::string root;
  [[nodiscard]] std::string run_dir() const { return root + "/run"; }
  [[nodiscard]] std::string hosts() const { return root + "/hosts"; }
  [[nodiscard]] std::string node_dir(const NodeName& node) const {
    return root + "/nodes/" + node.get();
  }
  [[nodiscard]] std::string state_dir(const NodeName& node) const {
    return root + "/state/" + node.get();
  }
  // Numbered, because a Unix socket's path has at most 107 bytes.
  [[nodiscard]] std::string agent_socket(std::size_t node) const {
    return root + "/agents/" + std::to_string(node) + ".sock";
  }
  [[nodiscard]] std::string agent_config(std::size_t node) const {
    return root + "/agents/" + std::to_string(node) + ".json";
  }
  [[nodiscard]] std::string agent_log(std::size_t node) const {
    return root + "/agents/" + std::to_string(node) + ".log";
  }
};

}  // namespace squall
