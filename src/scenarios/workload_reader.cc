// The workload of a scenario: which clients run where and against whom.
#include <algorithm>

#include "base/nearest.h"
#include "scenarios/placement.h"
#include "scenarios/scenario_keys.h"
#include "scenarios/scenario_parts.h"

namespace squall {
namespace {

void read_endpoint(MapReader& reader, ScenarioContext& context, WorkloadEntry& entry) {
  const YamlNode* node = reader.find("endpoint");
  if (node == nullptr) return;
  const auto text = scalar_text(*node, "endpoint", context.problems);
  if (!text || *text == "any") return;
  if (*text == "local") {
    entry.endpoint = Endpoint::kLocal;
  } else if (*text == "leader") {
    entry.endpoint = Endpoint::kLeader;
    if (context.has_topology && context.scenario.topology.leaders.empty()) {
      context.problems.add(*node, "'leader': the topology does not say how to ask for a leader");
    }
  } else {
    entry.endpoint = Endpoint::kSelected;
    entry.endpoint_nodes = read_selector(*node, "endpoint", context, false);
  }
}

void read_from(MapReader& reader, ScenarioContext& context, WorkloadEntry& entry) {
  entry.from = parse_selector("all").value();
  const YamlNode* node = reader.find("from");
  if (node == nullptr) return;
  const std::optional<Selector> from = read_selector(*node, "from", context, false);
  if (!from) return;
  if (from->is_live()) {
    context.problems.add(*node, "'from' is needed before the stack runs, and " +
                                    quote(from->text()) + " asks the running stack");
    return;
  }
  entry.from = *from;
}

// A client's processes and the stack's share each node's names.
void check_name(const YamlNode& at, ScenarioContext& context, const std::string& name) {
  const std::vector<std::string> names = workload_names(context.scenario);
  if (!is_name(name)) {
    context.problems.add(at, quote(name) + " is no name: lower-case letters, digits and '-', a " +
                                 "letter first, at most 63");
  } else if (std::find(names.begin(), names.end(), name) != names.end()) {
    context.problems.add(at, "duplicate name " + quote(name) + "; give this entry a 'name:'");
  } else if (find_process(context.scenario.topology, ProcessName(name)) != nullptr) {
    context.problems.add(at, quote(name) + " is a process of the stack already; give this entry " +
                                 "another 'name:'");
  }
}

void read_entry(const YamlNode& node, ScenarioContext& context) {
  MapReader reader(node, "a workload entry", context.problems, kWorkloadKeys);
  if (!reader.is_map()) return;
  WorkloadEntry entry;
  const YamlNode* client = reader.find("client");
  if (client != nullptr) {
    entry.client = scalar_text(*client, "client", context.problems).value_or("");
  }
  entry.name = reader.text("name");
  if (entry.name.empty()) entry.name = entry.client;
  const ClientRow* row = find_client(context.vocabulary, entry.client);
  entry.processes = static_cast<int>(reader.integer("processes"));
  // What an entry runs when it does not say so is the client's to know.
  if (row != nullptr && find_key(node, "processes") == nullptr) entry.processes = row->processes;
  read_from(reader, context, entry);
  read_endpoint(reader, context, entry);
  entry.start = reader.duration("start");

  if (row != nullptr) {
    entry.params = reader.params(row->params).value_or(Params());
  } else if (!entry.client.empty()) {
    std::vector<std::string> kinds;
    for (const ClientRow& known : context.vocabulary.clients) kinds.emplace_back(known.kind);
    context.problems.add(*client,
                         "unknown client " + quote(entry.client) + suggestion(entry.client, kinds));
  }
  if (entry.name.empty()) return;
  const YamlNode* named = find_key(node, "name");
  check_name(named != nullptr ? *named : node, context, entry.name);
  context.scenario.workload.push_back(std::move(entry));
}

}  // namespace

std::vector<std::string> workload_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const WorkloadEntry& entry : scenario.workload) names.push_back(entry.name);
  return names;
}

void read_workload(const YamlNode& node, ScenarioContext& context) {
  if (node.kind != YamlKind::kList || node.items.empty()) {
    context.problems.add(node, "'workload' must be a list of at least one client");
    return;
  }
  if (node.items.size() > kMaxWorkload) {
    context.problems.add(node, "more than " + std::to_string(kMaxWorkload) + " workload entries");
    return;
  }
  const std::size_t before = context.problems.count();
  for (const YamlNode& item : node.items) read_entry(item, context);
  if (!context.has_topology) return;
  if (context.problems.count() == before) {
    const auto placements = place_clients(context.scenario, context.vocabulary);
    if (placements) {
      context.clients = client_processes(context.scenario, *placements);
    } else {
      context.problems.add(node, placements.error().what);
    }
    return;
  }
  // Selectors may still name the clients, so that one mistake is not reported twice.
  for (const WorkloadEntry& entry : context.scenario.workload) {
    context.clients.push_back({entry.name, {{}, ProcessName(entry.name)}});
  }
}

std::optional<Selector> read_selector(const YamlNode& node, std::string_view key,
                                      ScenarioContext& context, bool with_clients) {
  const std::optional<std::string> text = scalar_text(node, key, context.problems);
  if (!text) return std::nullopt;
  const SelectorSyntax syntax = read_selector(*text);
  if (syntax.root == nullptr) {
    context.problems.add(node, quote(*text) + ": " + syntax.problem.what, syntax.problem.offset);
    return std::nullopt;
  }
  Selector selector = parse_selector(*text).value();
  if (!context.has_topology) return selector;
  const std::vector<ClientProcess> none;
  const SelectorWorld world{
      context.scenario.topology, with_clients ? context.clients : none, {}, {}};
  const std::vector<SelectorProblem> problems = name_problems(selector, world);
  for (const SelectorProblem& problem : problems) {
    context.problems.add(node, problem.what, problem.offset);
  }
  if (!problems.empty()) return std::nullopt;
  if (selector.is_live()) return selector;
  Rng rng(context.scenario.seed);
  const Result<std::vector<Target>> targets = resolve(selector, world, rng);
  if (targets) return selector;
  context.problems.add(node, targets.error().what);
  return std::nullopt;
}

}  // namespace squall
