// {node}, {ip:e2}, {nodes:registry:{node}=http://{ip}:2380}: the only "code" a topology knows.
//
// A `{` starts a placeholder only before a lower-case letter, so JSON and regular expressions need
// no care; `{{` writes one `{`.  A `}` outside a placeholder is itself.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scenarios/topology.h"

namespace squall {

struct ExpandAddress {
  std::string ipv4;
  std::string ipv6;
};

// Everything a placeholder may stand for on one node.
struct ExpandContext {
  const Topology& topology;
  NodeName node;
  std::string dir;                                 // the node's folder
  std::map<std::string, ExpandAddress> addresses;  // by node name, all nodes
};

// The text with its placeholders replaced.  A text that passed the topology's validation fails only
// if an address is missing.
[[nodiscard]] Result<std::string> expand(const std::string& text, const ExpandContext& context);

struct PlaceholderProblem {
  std::size_t offset = 0;  // in the text, in bytes
  std::string what;
};

// Everything wrong with a text's placeholders, with the nearest valid name.
[[nodiscard]] std::vector<PlaceholderProblem> placeholder_problems(std::string_view text,
                                                                   const Topology& topology);

// Replaces {var:NAME} and nothing else; done once, before a topology is read.
[[nodiscard]] std::string expand_variables(std::string_view text,
                                           const std::map<std::string, std::string>& variables,
                                           std::vector<PlaceholderProblem>& problems);

}  // namespace squall
