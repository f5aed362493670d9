// Selectors: `region/eu & !leader(registry)`.  Parsed once, resolved when a fault fires.
//
//   expression = term { ("&" | "|") term }          & binds tighter than |
//   term       = "!" term | "(" expression ")" | "all" | name | name "/" name
//              | "role/" name | "region/" name | "client/" name
//              | "leader(" role ")" | "holder(" client ")" | "one-of(" expression ")"
//              | "minority(" expression ")" | "majority(" expression ")"
//
// A name, all and region/ mean nodes; NODE/PROCESS, role/ and client/ mean processes; leader and
// holder mean what the stack answers.  A node stands for everything on it: `region/eu &
// role/store` are the store processes in eu.  `A & !B` is A without what is in B; a node of A goes
// as soon as anything on it is in B.  A lone `!B` are the nodes that hold nothing of B.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/rng.h"
#include "faults/fault.h"
#include "scenarios/topology.h"

namespace squall {

struct SelectorNode;  // the syntax tree

// A value; copies share the immutable tree.
class Selector {
 public:
  [[nodiscard]] const std::string& text() const { return text_; }
  // Needs the running system (leader, holder), so it cannot be resolved before it fires.
  [[nodiscard]] bool is_live() const;

 private:
  friend Result<Selector> parse_selector(std::string_view text);
  friend struct SelectorAccess;  // selector_syntax.h
  std::string text_;
  std::shared_ptr<const SelectorNode> root_;
};

// The error's text starts with the column (from 1) inside the selector: "column 8: …".
[[nodiscard]] Result<Selector> parse_selector(std::string_view text);

// A workload client's process as a target: node "c1"/"e1", process "etcd-lock.0".
struct ClientProcess {
  std::string client;
  Target target;
};

struct SelectorWorld {
  const Topology& topology;
  const std::vector<ClientProcess>& clients;
  // Ask the running stack; null before the run: then leader(...) and holder(...) are kUnsupported.
  std::function<Result<std::vector<Target>>(const std::string& role)> leader;
  std::function<Result<std::vector<Target>>(const std::string& client)> holder;
};

// The nodes of targets, without duplicates: a partition cuts off hosts, not processes.
[[nodiscard]] std::vector<Target> nodes_of(const std::vector<Target>& targets);
// A node becomes all of its stack's processes; processes stay.
[[nodiscard]] std::vector<Target> processes_of(const std::vector<Target>& targets,
                                               const Topology& topology);

// Nodes (process empty) or processes, in the topology's order, without duplicates.  Matching
// nothing is an error that names the selector.  `rng` decides one-of, minority and majority.
[[nodiscard]] Result<std::vector<Target>> resolve(const Selector& selector,
                                                  const SelectorWorld& world, Rng& rng);
// Checks names only (regions, roles, nodes, clients), with the nearest valid name.
[[nodiscard]] Result<> check_names(const Selector& selector, const SelectorWorld& world);

}  // namespace squall
