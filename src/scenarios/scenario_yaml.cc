// A scenario as canonical YAML: every value is there, defaults too, so that a later change of a
// default does not change what a run file says.
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "scenarios/random_yaml.h"
#include "scenarios/schedule.h"
#include "scenarios/yaml_writer.h"

namespace squall {
namespace {

std::string number_text(double value) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), end.ptr);
}

// The shortest percentage that reads back to exactly this share.
std::string percent_text(double share) {
  std::array<char, 64> buffer{};
  for (int digits = 0; digits <= 20; ++digits) {
    (void)std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, share * 100);
    if (std::strtod(buffer.data(), nullptr) / 100 == share) break;
  }
  return std::string(buffer.data()) + "%";
}

void put_params(YamlNode& map, const Params& params, std::string_view except = "") {
  for (const auto& [name, text] : params.all()) {
    // Empty means that an optional one was not given.
    if (!text.empty() && name != except) put(map, name, text);
  }
}

void put_texts(YamlNode& map, std::string_view key, const std::map<std::string, std::string>& all) {
  if (all.empty()) return;
  YamlNode node = yaml_map();
  for (const auto& [name, text] : all) put(node, name, text);
  put(map, key, std::move(node));
}

void put_unless_empty(YamlNode& map, std::string_view key, const std::string& text) {
  if (!text.empty()) put(map, key, text);
}

template <typename Names>
std::vector<std::string> texts_of(const Names& names) {
  std::vector<std::string> texts;
  for (const auto& name : names) texts.push_back(name.get());
  return texts;
}

YamlNode process_yaml(const ProcessSpec& process) {
  YamlNode node = yaml_map();
  put(node, "role", process.role);
  put(node, "command", yaml_list(process.command));
  const ReadySpec& ready = process.ready;
  if (!ready.http.empty() || !ready.tcp.empty() || !ready.log.empty()) {
    YamlNode map = yaml_map();
    put_unless_empty(map, "http", ready.http);
    put_unless_empty(map, "tcp", ready.tcp);
    put_unless_empty(map, "log", ready.log);
    put(map, "within", to_text(ready.within));
    put(node, "ready", std::move(map));
  }
  put_texts(node, "env", process.env);
  put_texts(node, "files", process.files);
  put(node, "restart", process.restart == Restart::kOnFailure ? "on-failure" : "never");
  put_unless_empty(node, "root", process.root);
  if (!process.after.empty()) put(node, "after", yaml_list(texts_of(process.after)));
  return node;
}

YamlNode leader_yaml(const LeaderSpec& leader) {
  YamlNode node = yaml_map();
  put_unless_empty(node, "http", leader.http);
  put_unless_empty(node, "post", leader.post);
  if (!leader.same.empty()) put(node, "same", yaml_list(leader.same));
  if (!leader.redis.empty()) put(node, "redis", yaml_list(leader.redis));
  if (leader.port != 0) put(node, "port", std::to_string(leader.port));
  put_unless_empty(node, "matches", leader.matches);
  return node;
}

YamlNode regions_yaml(const Topology& topology) {
  YamlNode regions = yaml_map();
  for (std::size_t i = 0; i < topology.regions.size(); ++i) {
    YamlNode row = yaml_map();
    for (std::size_t j = i; j < topology.regions.size(); ++j) {
      const auto delay = topology.delay.find({topology.regions[i], topology.regions[j]});
      if (delay != topology.delay.end()) put(row, topology.regions[j], to_text(delay->second));
    }
    put(regions, topology.regions[i], std::move(row));
  }
  return regions;
}

YamlNode topology_yaml(const Topology& topology) {
  YamlNode root = yaml_map();
  put(root, "topology", topology.name);
  put(root, "regions", regions_yaml(topology));
  YamlNode nodes = yaml_map();
  for (const NodeSpec& node : topology.nodes) {
    YamlNode map = yaml_map();
    put_unless_empty(map, "region", node.region);
    put(map, "run", yaml_list(texts_of(node.run)));
    put(nodes, node.name.get(), std::move(map));
  }
  put(root, "nodes", std::move(nodes));
  YamlNode processes = yaml_map();
  for (const ProcessSpec& process : topology.processes) {
    put(processes, process.name.get(), process_yaml(process));
  }
  put(root, "processes", std::move(processes));
  if (topology.leaders.empty()) return root;
  YamlNode leaders = yaml_map();
  for (const LeaderSpec& leader : topology.leaders) put(leaders, leader.role, leader_yaml(leader));
  put(root, "leader", std::move(leaders));
  return root;
}

YamlNode workload_yaml(const WorkloadEntry& entry) {
  YamlNode node = yaml_map();
  put(node, "client", entry.client);
  put(node, "name", entry.name);
  put(node, "processes", std::to_string(entry.processes));
  put(node, "from", entry.from.text());
  if (entry.endpoint == Endpoint::kAny) put(node, "endpoint", "any");
  if (entry.endpoint == Endpoint::kLocal) put(node, "endpoint", "local");
  if (entry.endpoint == Endpoint::kLeader) put(node, "endpoint", "leader");
  if (entry.endpoint_nodes) put(node, "endpoint", entry.endpoint_nodes->text());
  put(node, "start", to_text(entry.start));
  put_params(node, entry.params);
  return node;
}

void put_metric(YamlNode& map, const AbortRule& rule) {
  put(map, "metric", rule.metric);
  const bool is_share = rule.metric == "availability";
  put(map, rule.is_below ? "below" : "above",
      is_share ? percent_text(rule.value) : number_text(rule.value));
  put(map, "for", to_text(rule.lasting));
}

// Puts the one key that says when.
struct PutTrigger {
  YamlNode& node;
  void operator()(const AtTime& at) const {
    put(node, "at", to_text(at.at) + (at.until ? ".." + to_text(*at.until) : ""));
  }
  void operator()(const AfterFault& after) const {
    YamlNode map = yaml_map();
    put(map, "fault", after.fault.get());
    put(map, "of", after.of_start ? "start" : "end");
    put(map, "by", to_text(after.by));
    put(node, "after", std::move(map));
  }
  void operator()(const WhenLog& when) const {
    YamlNode map = yaml_map();
    put(map, "log", when.pattern);
    put_unless_empty(map, "of", when.of);
    put(node, "when", std::move(map));
  }
  void operator()(const WhenMetric& when) const {
    YamlNode map = yaml_map();
    put_metric(map, {when.metric, when.is_below, when.value, when.lasting});
    put(node, "when", std::move(map));
  }
  void operator()(const WhenCount& when) const {
    YamlNode map = yaml_map();
    put(map, "operations", std::to_string(when.operations));
    put_unless_empty(map, "of", when.client);
    put(node, "when", std::move(map));
  }
};

YamlNode entry_yaml(const TimelineEntry& entry) {
  YamlNode node = yaml_map();
  put(node, "name", entry.id.get());
  std::visit(PutTrigger{node}, entry.trigger);
  if (entry.length > Duration{0}) put(node, "for", to_text(entry.length));
  put(node, "fault", entry.kind);
  const bool is_one_way =
      entry.params.has("direction") && entry.params.text("direction") == "one-way";
  if (entry.sides.size() == 1) {
    put(node, "on", entry.sides[0].text());
  } else if (entry.sides.size() == 2 && is_one_way) {
    put(node, "from", entry.sides[0].text());
    put(node, "to", entry.sides[1].text());
  } else if (entry.sides.size() == 2) {
    put(node, "between", yaml_list({entry.sides[0].text(), entry.sides[1].text()}));
  }
  put_params(node, entry.params, entry.sides.size() == 2 ? "direction" : "");
  if (!entry.is_exercise_expected) put(node, "expect-exercised", "false");
  if (!entry.is_consequence_expected) put(node, "expect-consequence", "false");
  return node;
}

YamlNode steady_yaml(const SteadyGate& steady) {
  YamlNode node = yaml_map();
  put(node, "availability", percent_text(steady.availability));
  put(node, "window", to_text(steady.window));
  put(node, "within", to_text(steady.within));
  put(node, "operations", std::to_string(steady.operations));
  return node;
}

std::string expect_text(Expect expect) {
  if (expect == Expect::kPass) return "pass";
  return expect == Expect::kViolation ? "violation" : "either";
}

void put_header(YamlNode& root, const Scenario& scenario) {
  put(root, "squall", "1");
  put(root, "name", scenario.name);
  put(root, "why", scenario.why);
  put(root, "expect", expect_text(scenario.expect));
  put(root, "seed", std::to_string(scenario.seed));
  if (scenario.is_control) put(root, "control", "true");
  put(root, "settle", to_text(scenario.settle));
  put(root, "limit", to_text(scenario.limit));
  put(root, "duration", to_text(scenario.duration));
  if (scenario.is_stopped_on_violation) put(root, "stop-on-violation", "true");
  put(root, "steady", steady_yaml(scenario.steady));
}

YamlNode list_of() {
  YamlNode list;
  list.kind = YamlKind::kList;
  return list;
}

}  // namespace

std::string to_yaml(const Scenario& scenario) {
  YamlNode root = yaml_map();
  put_header(root, scenario);
  YamlNode workload = list_of();
  for (const WorkloadEntry& entry : scenario.workload) {
    workload.items.push_back(workload_yaml(entry));
  }
  put(root, "workload", std::move(workload));
  YamlNode timeline = list_of();
  for (const TimelineEntry& entry : scenario.timeline) timeline.items.push_back(entry_yaml(entry));
  if (scenario.random) {
    YamlNode map = yaml_map();
    put(map, "random", random_yaml(*scenario.random));
    put(map, "fixed", std::move(timeline));
    timeline = std::move(map);
  }
  put(root, "timeline", std::move(timeline));
  YamlNode checks = list_of();
  for (const CheckRequest& check : scenario.checks) {
    YamlNode params = yaml_map();
    put_params(params, check.params);
    YamlNode one = yaml_map();
    put(one, check.name, std::move(params));
    checks.items.push_back(std::move(one));
  }
  put(root, "checks", std::move(checks));
  if (!scenario.guard.empty()) {
    YamlNode rules = list_of();
    for (const AbortRule& rule : scenario.guard) {
      put_metric(rules.items.emplace_back(yaml_map()), rule);
    }
    YamlNode guard = yaml_map();
    put(guard, "abort-when", std::move(rules));
    put(root, "guard", std::move(guard));
  }
  YamlNode stack = yaml_map();
  put(stack, "inline", topology_yaml(scenario.topology));
  put(root, "stack", std::move(stack));
  return emit_yaml(root);
}

std::string to_yaml(const Topology& topology) {
  return emit_yaml(topology_yaml(topology));
}

}  // namespace squall
