// Leaving out faults, clients and nodes.
#include <algorithm>

#include "injectors/injector.h"
#include "scenarios/schedule.h"
#include "search/shrink_parts.h"

namespace squall {
namespace {

// What the check's parameters name must stay.
bool is_named_by(const CheckRequest& check, const std::string& param, const std::string& name) {
  const auto found = check.params.all().find(param);
  return found != check.params.all().end() && found->second == name;
}

Scenario keep_faults(const Scenario& scenario, const std::set<std::string>& kept,
                     const ShrinkScope& scope) {
  Scenario smaller = scenario;
  std::set<FaultId> gone;
  std::erase_if(smaller.timeline, [&](const TimelineEntry& entry) {
    const bool is_gone =
        !kept.contains(entry.id.get()) && !is_named_by(scope.check, "fault", entry.id.get());
    if (is_gone) gone.insert(entry.id);
    return is_gone;
  });
  for (TimelineEntry& entry : smaller.timeline) {
    const AfterFault* after = std::get_if<AfterFault>(&entry.trigger);
    const auto began = scope.starts.find(entry.id);
    if (after == nullptr || !gone.contains(after->fault) || began == scope.starts.end()) continue;
    entry.trigger = AtTime{began->second, std::nullopt};
  }
  return smaller;
}

Scenario keep_clients(const Scenario& scenario, const std::set<std::string>& kept,
                      const ShrinkScope& scope) {
  Scenario smaller = scenario;
  std::erase_if(smaller.workload, [&](const WorkloadEntry& entry) {
    return !kept.contains(entry.name) && !is_named_by(scope.check, "client", entry.name) &&
           !is_named_by(scope.check, "reader", entry.name);
  });
  return smaller;
}

// "e1 | e2/etcd | e3" without what is not there any more.  Any other selector stays: whether it
// still means something is found out when it is read.
std::string without_nodes(const std::string& text, const std::set<std::string>& nodes) {
  const std::string plain = "abcdefghijklmnopqrstuvwxyz0123456789-/| ";
  if (text.find_first_not_of(plain) != std::string::npos || text == "all") return text;
  std::string left;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t bar = std::min(text.find(" | ", from), text.size());
    const std::string target = text.substr(from, bar - from);
    const std::string node = target.substr(0, target.find('/'));
    // "region/eu" and the like name no node.
    const bool is_other = node == "region" || node == "role" || node == "client";
    if (is_other || nodes.contains(node)) left += (left.empty() ? "" : " | ") + target;
    from = bar + 3;
  }
  return left;
}

// False: nobody is left.
bool cut_down(Selector& selector, const std::set<std::string>& nodes) {
  const std::string left = without_nodes(selector.text(), nodes);
  if (left.empty()) return false;
  Result<Selector> parsed = parse_selector(left);
  if (parsed) selector = std::move(*parsed);
  return true;
}

Scenario keep_nodes(const Scenario& scenario, const std::set<std::string>& kept,
                    const ShrinkScope& scope) {
  Scenario smaller = scenario;
  std::erase_if(smaller.topology.nodes,
                [&](const NodeSpec& node) { return !kept.contains(node.name.get()); });
  for (WorkloadEntry& entry : smaller.workload) {
    // A client whose nodes are gone works from the others.
    if (!cut_down(entry.from, kept)) entry.from = parse_selector("all").value();
    if (!entry.endpoint_nodes || cut_down(*entry.endpoint_nodes, kept)) continue;
    entry.endpoint_nodes.reset();
    entry.endpoint = Endpoint::kAny;
  }
  std::set<std::string> faults;
  for (TimelineEntry& entry : smaller.timeline) {
    const bool hits_somebody =
        std::all_of(entry.sides.begin(), entry.sides.end(),
                    [&kept](Selector& side) { return cut_down(side, kept); });
    if (hits_somebody) faults.insert(entry.id.get());
  }
  return keep_faults(smaller, faults, scope);
}

}  // namespace

std::vector<PartList> part_lists(const Scenario& scenario, const ShrinkScope& scope) {
  PartList faults{"fault", {}, true, {}};
  for (const TimelineEntry& entry : scenario.timeline) {
    if (!is_named_by(scope.check, "fault", entry.id.get())) faults.names.push_back(entry.id.get());
  }
  faults.keep = [scope](const Scenario& from, const std::set<std::string>& kept) {
    return keep_faults(from, kept, scope);
  };
  PartList clients{"client", {}, false, {}};
  std::size_t held = 0;
  for (const WorkloadEntry& entry : scenario.workload) {
    const bool is_held = is_named_by(scope.check, "client", entry.name) ||
                         is_named_by(scope.check, "reader", entry.name);
    if (is_held) ++held;
    if (!is_held) clients.names.push_back(entry.name);
  }
  clients.may_be_empty = held > 0;
  clients.keep = [scope](const Scenario& from, const std::set<std::string>& kept) {
    return keep_clients(from, kept, scope);
  };
  PartList nodes{"node", {}, false, {}};
  for (const NodeSpec& node : scenario.topology.nodes) nodes.names.push_back(node.name.get());
  nodes.keep = [scope](const Scenario& from, const std::set<std::string>& kept) {
    return keep_nodes(from, kept, scope);
  };
  return {std::move(faults), std::move(clients), std::move(nodes)};
}

bool is_viable(const Scenario& scenario, const Vocabulary& vocabulary) {
  std::vector<Problem> problems;
  const auto parsed =
      parse_scenario(to_yaml(scenario), "candidate", LoadOptions{{}, vocabulary}, problems);
  if (!parsed) return false;
  const auto schedule = resolve_schedule(*parsed, {.seed = scenario.seed});
  if (!schedule) return false;
  HostFacts host;
  for (const NodeSpec& node : scenario.topology.nodes) host.nodes.push_back(node.name);
  return std::all_of(schedule->timeline.begin(), schedule->timeline.end(),
                     [&](const TimelineEntry& entry) {
                       // Where it points does not matter to what the injector says of its values.
                       const InjectorRow& row = *find_injector(entry.kind);
                       const ProcessName process(row.aim == Aim::kProcesses ? "x" : "");
                       Fault fault{entry.id, entry.kind, {}, entry.params};
                       for (std::size_t i = 0; i < entry.sides.size(); ++i) {
                         const NodeName& node = host.nodes[std::min(i, host.nodes.size() - 1)];
                         fault.sides.push_back({Target{node, process}});
                       }
                       return row.effects(fault, host).ok();
                     });
}

}  // namespace squall
