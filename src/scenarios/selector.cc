// What a selector means: checking its names and resolving it to targets.
#include "scenarios/selector.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/nearest.h"
#include "scenarios/selector_syntax.h"

namespace squall {
namespace {

// `!B` is kept as such until it meets something to be taken from.
struct TargetSet {
  std::vector<Target> targets;
  bool is_negated = false;
};

bool is_node(const Target& target) {
  return target.process.get().empty();
}

// A node covers everything on it; anything on a node touches the node.
bool touches(const Target& a, const Target& b) {
  return a.node == b.node && (is_node(a) || is_node(b) || a.process == b.process);
}

void add_once(std::vector<Target>& targets, const Target& target) {
  if (std::find(targets.begin(), targets.end(), target) == targets.end()) {
    targets.push_back(target);
  }
}

std::vector<Target> united(std::vector<Target> a, const std::vector<Target>& b) {
  for (const Target& target : b) add_once(a, target);
  return a;
}

std::vector<Target> common(const std::vector<Target>& a, const std::vector<Target>& b) {
  std::vector<Target> both;
  for (const Target& left : a) {
    for (const Target& right : b) {
      if (touches(left, right)) add_once(both, is_node(left) ? right : left);
    }
  }
  return both;
}

std::vector<Target> without(std::vector<Target> a, const std::vector<Target>& b) {
  a.erase(std::remove_if(a.begin(), a.end(),
                         [&](const Target& target) {
                           return std::any_of(b.begin(), b.end(), [&](const Target& other) {
                             return touches(target, other);
                           });
                         }),
          a.end());
  return a;
}

std::vector<Target> all_nodes(const Topology& topology) {
  std::vector<Target> targets;
  for (const NodeSpec& node : topology.nodes) targets.push_back({node.name, {}});
  return targets;
}

class Resolver {
 public:
  Resolver(const SelectorWorld& world, Rng& rng) : world_(world), rng_(rng) {}

  Result<std::vector<Target>> targets(const SelectorNode& node) {
    TargetSet set = TRY(visit(node));
    return plain(std::move(set));
  }

 private:
  std::vector<Target> plain(TargetSet set) const {
    return set.is_negated ? without(all_nodes(world_.topology), set.targets)
                          : std::move(set.targets);
  }

  Result<TargetSet> visit(const SelectorNode& node) {
    switch (node.op) {
      case SelectorOp::kNot: {
        TargetSet inner = TRY(visit(*node.left));
        inner.is_negated = !inner.is_negated;
        return inner;
      }
      case SelectorOp::kAnd:
        return both(TRY(visit(*node.left)), TRY(visit(*node.right)));
      case SelectorOp::kOr:
        return TargetSet{united(TRY(targets(*node.left)), TRY(targets(*node.right)))};
      case SelectorOp::kOneOf:
      case SelectorOp::kMinority:
      case SelectorOp::kMajority:
        return drawn(node);
      case SelectorOp::kLeader:
        return asked(world_.leader, "leader", node.first);
      case SelectorOp::kHolder:
        return asked(world_.holder, "holder", node.first);
      default:
        return TargetSet{named(node)};
    }
  }

  static TargetSet both(TargetSet a, TargetSet b) {
    if (a.is_negated && b.is_negated) return {united(std::move(a.targets), b.targets), true};
    if (a.is_negated) return {without(std::move(b.targets), a.targets)};
    if (b.is_negated) return {without(std::move(a.targets), b.targets)};
    return {common(a.targets, b.targets)};
  }

  Result<TargetSet> drawn(const SelectorNode& node) {
    std::vector<Target> pool = TRY(targets(*node.left));
    if (pool.empty()) return TargetSet{};
    std::size_t count = 1;
    if (node.op == SelectorOp::kMinority) count = (pool.size() - 1) / 2;
    if (node.op == SelectorOp::kMajority) count = pool.size() / 2 + 1;
    // Fisher–Yates, as far as needed.
    for (std::size_t i = 0; i < count; ++i) {
      std::swap(pool[i], pool[i + rng_.below(pool.size() - i)]);
    }
    pool.resize(count);
    return TargetSet{std::move(pool)};
  }

  static Result<TargetSet> asked(
      const std::function<Result<std::vector<Target>>(const std::string&)>& ask,
      const std::string& function, const std::string& name) {
    const std::string text = function + "(" + name + ")";
    if (!ask) return Error{Errc::kUnsupported, text + " is only known while the stack runs"};
    return TargetSet{TRY(ask(name).in(text))};
  }

  std::vector<Target> named(const SelectorNode& wanted) const {
    std::vector<Target> found;
    for (const NodeSpec& node : world_.topology.nodes) {
      const bool is_here = wanted.op == SelectorOp::kAll ||
                           (wanted.op == SelectorOp::kNode && node.name.get() == wanted.first) ||
                           (wanted.op == SelectorOp::kRegion && node.region == wanted.first);
      if (is_here) found.push_back({node.name, {}});
      for (const ProcessName& process : node.run) {
        const ProcessSpec* spec = find_process(world_.topology, process);
        const bool has_role =
            wanted.op == SelectorOp::kRole && spec != nullptr && spec->role == wanted.first;
        const bool is_it = wanted.op == SelectorOp::kProcess && node.name.get() == wanted.first &&
                           process.get() == wanted.second;
        if (has_role || is_it) found.push_back({node.name, process});
      }
    }
    for (const ClientProcess& client : world_.clients) {
      const bool is_it = wanted.op == SelectorOp::kProcess &&
                         client.target.node.get() == wanted.first &&
                         client.target.process.get() == wanted.second;
      const bool is_client = wanted.op == SelectorOp::kClient && client.client == wanted.first;
      if (is_it || is_client) found.push_back(client.target);
    }
    return found;
  }

  const SelectorWorld& world_;
  Rng& rng_;
};

// What may be named in a world.
struct KnownNames {
  explicit KnownNames(const SelectorWorld& world) {
    std::set<std::string> unique_roles;
    for (const NodeSpec& node : world.topology.nodes) nodes.push_back(node.name.get());
    for (const ProcessSpec& process : world.topology.processes) unique_roles.insert(process.role);
    roles.assign(unique_roles.begin(), unique_roles.end());
    for (const LeaderSpec& leader : world.topology.leaders) leaders.push_back(leader.role);
    std::set<std::string> unique_clients;
    for (const ClientProcess& client : world.clients) unique_clients.insert(client.client);
    clients.assign(unique_clients.begin(), unique_clients.end());
  }
  std::vector<std::string> nodes, roles, leaders, clients;
};

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class NameChecker {
 public:
  explicit NameChecker(const SelectorWorld& world) : world_(world), known_(world) {}

  void visit(const SelectorNode* node) {
    if (node == nullptr) return;
    visit(node->left.get());
    visit(node->right.get());
    switch (node->op) {
      case SelectorOp::kNode:
        return node_name(*node);
      case SelectorOp::kProcess:
        return process_name(*node);
      case SelectorOp::kRole:
        return known(*node, known_.roles, "unknown role");
      case SelectorOp::kRegion:
        return known(*node, world_.topology.regions, "unknown region");
      case SelectorOp::kClient:
      case SelectorOp::kHolder:
        return known(*node, known_.clients, "unknown client");
      case SelectorOp::kLeader:
        return leader_role(*node);
      default:
        return;
    }
  }
  std::vector<SelectorProblem> take() { return std::move(problems_); }

 private:
  void known(const SelectorNode& node, const std::vector<std::string>& names,
             const std::string& what) {
    if (contains(names, node.first)) return;
    add(node.offset, what + " '" + node.first + "'" + suggestion(node.first, names));
  }

  // A bare region or role is a common slip; say how it is written.
  void node_name(const SelectorNode& node) {
    if (contains(known_.nodes, node.first)) return;
    std::string hint = suggestion(node.first, known_.nodes);
    if (contains(known_.roles, node.first)) hint = "; did you mean 'role/" + node.first + "'?";
    if (contains(world_.topology.regions, node.first)) {
      hint = "; did you mean 'region/" + node.first + "'?";
    }
    if (contains(known_.clients, node.first)) hint = "; did you mean 'client/" + node.first + "'?";
    add(node.offset, "unknown node '" + node.first + "'" + hint);
  }

  void process_name(const SelectorNode& node) {
    const NodeSpec* spec = find_node(world_.topology, NodeName(node.first));
    if (spec == nullptr) {
      std::vector<std::string> names = known_.nodes;
      names.insert(names.end(), {"role", "region", "client"});
      add(node.offset, "unknown node '" + node.first + "'" + suggestion(node.first, names));
      return;
    }
    std::vector<std::string> names;
    for (const ProcessName& process : spec->run) names.push_back(process.get());
    for (const ClientProcess& client : world_.clients) {
      if (client.target.node == spec->name) names.push_back(client.target.process.get());
    }
    if (contains(names, node.second)) return;
    add(node.second_offset, "'" + node.first + "' runs no process '" + node.second + "'" +
                                suggestion(node.second, names));
  }

  void leader_role(const SelectorNode& node) {
    if (!contains(known_.roles, node.first)) return known(node, known_.roles, "unknown role");
    if (contains(known_.leaders, node.first)) return;
    add(node.offset, "the topology does not say how to ask for the leader of '" + node.first +
                         "'; give it a 'leader:'");
  }

  void add(std::size_t offset, std::string what) { problems_.push_back({offset, std::move(what)}); }

  const SelectorWorld& world_;
  KnownNames known_;
  std::vector<SelectorProblem> problems_;
};

// Position in the topology, then of the process on its node, so that results have one order.
void sort_like(const SelectorWorld& world, std::vector<Target>& targets) {
  const auto rank = [&](const Target& target) {
    std::size_t node = 0;
    const std::vector<NodeSpec>& nodes = world.topology.nodes;
    while (node < nodes.size() && nodes[node].name != target.node) ++node;
    std::size_t process = 0;
    if (node < nodes.size() && !is_node(target)) {
      const std::vector<ProcessName>& run = nodes[node].run;
      while (process < run.size() && run[process] != target.process) ++process;
      ++process;
    }
    return std::pair(node, process);
  };
  std::stable_sort(targets.begin(), targets.end(), [&](const Target& a, const Target& b) {
    return std::pair(rank(a), a) < std::pair(rank(b), b);
  });
}

}  // namespace

std::vector<Target> nodes_of(const std::vector<Target>& targets) {
  std::vector<Target> nodes;
  for (const Target& target : targets) add_once(nodes, Target{target.node, {}});
  return nodes;
}

std::vector<Target> processes_of(const std::vector<Target>& targets, const Topology& topology) {
  std::vector<Target> processes;
  for (const Target& target : targets) {
    const NodeSpec* node = is_node(target) ? find_node(topology, target.node) : nullptr;
    if (node == nullptr) {
      add_once(processes, target);
      continue;
    }
    for (const ProcessName& process : node->run) add_once(processes, {target.node, process});
  }
  return processes;
}

Result<std::vector<Target>> resolve(const Selector& selector, const SelectorWorld& world,
                                    Rng& rng) {
  const std::string attempt = "selector '" + selector.text() + "'";
  std::vector<Target> targets =
      TRY(Resolver(world, rng).targets(SelectorAccess::root(selector)).in(attempt));
  if (targets.empty()) return Error{Errc::kInvalid, attempt + " matches nothing"};
  sort_like(world, targets);
  return targets;
}

std::vector<SelectorProblem> name_problems(const Selector& selector, const SelectorWorld& world) {
  NameChecker checker(world);
  checker.visit(&SelectorAccess::root(selector));
  return checker.take();
}

Result<> check_names(const Selector& selector, const SelectorWorld& world) {
  const std::vector<SelectorProblem> problems = name_problems(selector, world);
  if (problems.empty()) return {};
  return Error{Errc::kInvalid,
               "column " + std::to_string(problems[0].offset + 1) + ": " + problems[0].what};
}

}  // namespace squall
