// A topology: the stack under test as data.  How anyone brings a system.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace squall {

// How a process shows that it serves.  Exactly one of http, tcp, log is set; none: at once.
// Texts may hold the placeholders of ProcessSpec.
struct ReadySpec {
  std::string http;  // a URL that answers 2xx
  std::string tcp;   // "{ip}:6379"
  std::string log;   // a regular expression found in its output
  Duration within = std::chrono::seconds(20);
};

enum class Restart { kNo, kOnFailure };

// Placeholders, replaced per node: {node} {ip} {ip6} {dir} {region} {index} (of the node, from 0),
// {ip:NAME} and {ip6:NAME} (another node's), {nodes:ROLE:PATTERN} (PATTERN for each node that runs
// a process of that role, joined by commas, with {node} and {ip} of that node).
struct ProcessSpec {
  ProcessName name;
  std::string role;
  std::vector<std::string> command;  // never a shell line
  ReadySpec ready;
  std::map<std::string, std::string> env;
  std::map<std::string, std::string> files;  // path (usually under {dir}) → content
  Restart restart = Restart::kNo;
  std::string root;                // an unpacked OCI root file system, or ""
  std::vector<ProcessName> after;  // started when these (on any node) are ready
};

struct NodeSpec {
  NodeName name;
  std::string region;
  std::vector<ProcessName> run;
};

// How to ask one node whether it leads.  Asked of each node of the role; exactly one of http and
// redis is set.
struct LeaderSpec {
  std::string role;
  std::string http;  // URL with {ip}
  std::string post;  // body of a POST; "": GET
  std::vector<std::string>
      same;  // two JSON paths that are equal on the leader: [leader, header.member_id]
  std::vector<std::string> redis;  // a command: [ROLE], to {ip}:{port}
  int port = 0;                    // of the redis command
  std::string matches;             // a regular expression that the answer matches on the leader
};

struct Topology {
  std::string name;
  std::vector<std::string> regions;
  // One-way baseline delay; absent pairs are 0.  Both directions are filled in.
  std::map<std::pair<std::string, std::string>, Duration> delay;
  std::vector<NodeSpec> nodes;  // in the order of the file; at most kMaxNodes
  std::vector<ProcessSpec> processes;
  std::vector<LeaderSpec> leaders;
};

inline constexpr std::size_t kMaxNodes = 250;

[[nodiscard]] const NodeSpec* find_node(const Topology& topology, const NodeName& name);
[[nodiscard]] const ProcessSpec* find_process(const Topology& topology, const ProcessName& name);

}  // namespace squall
