// A YAML tree → a topology.  Internal to this folder.
#pragma once

#include <map>
#include <string>

#include "scenarios/reader.h"
#include "scenarios/topology.h"

namespace squall {

// What `stack: {with: {NAME: VALUE}}` sets; the nodes say where for messages.
using VariableValues = std::map<std::string, const YamlNode*>;

// Replaces the variables in `root`, then reads and checks all of it.  The topology is usable only
// if no problem was added.
[[nodiscard]] Topology read_topology(YamlNode root, const VariableValues& values,
                                     Problems& problems);

// A regular expression as the triggers and the readiness checks use it; "" or what is wrong.
[[nodiscard]] std::string pattern_problem(const std::string& pattern);

}  // namespace squall
