// When a fault starts: `at`, `after` or `when`.
#include <algorithm>
#include <array>
#include <charconv>

#include "base/nearest.h"
#include "scenarios/scenario_keys.h"
#include "scenarios/scenario_parts.h"
#include "scenarios/topology_reader.h"

namespace squall {
namespace {

constexpr std::array<ParamSpec, 1> kPercentBound = {
    {{"bound", ParamType::kPercent, kRequired, "a share of the operations", ""}}};
constexpr std::array<ParamSpec, 1> kNumberBound = {
    {{"bound", ParamType::kNumber, kRequired, "so many in a second", ""}}};

// "3s" or "3s..5s".
AtTime read_at(const YamlNode& node, Problems& problems) {
  AtTime at;
  const std::string text = scalar_text(node, "at", problems).value_or("");
  if (text.empty()) return at;
  const std::size_t dots = text.find("..");
  const Result<Duration> first = parse_scenario_time(text.substr(0, dots));
  if (!first) {
    problems.add(node, "'at': " + first.error().what);
    return at;
  }
  at.at = *first;
  if (dots == std::string::npos) return at;
  const Result<Duration> last = parse_scenario_time(text.substr(dots + 2));
  if (!last) {
    problems.add(node, "'at': " + last.error().what, dots + 2);
  } else if (*last < *first) {
    problems.add(node, "'at': " + quote(text) + " ends before it begins");
  } else {
    at.until = *last;
  }
  return at;
}

AfterFault read_after(const YamlNode& node, Problems& problems) {
  AfterFault after;
  if (node.kind != YamlKind::kMap) {
    after.fault = FaultId(scalar_text(node, "after", problems).value_or(""));
    return after;
  }
  MapReader reader(node, "'after'", problems, kAfterKeys);
  after.fault = FaultId(reader.text("fault"));
  after.by = reader.duration("by");
  after.of_start = reader.choice("of") == 1;
  reader.finish();
  return after;
}

void check_of(const YamlNode& at, const std::string& name, bool with_processes,
              ScenarioContext& context) {
  std::vector<std::string> names = workload_names(context.scenario);
  if (with_processes) {
    for (const ProcessSpec& process : context.scenario.topology.processes) {
      names.push_back(process.name.get());
    }
  }
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  const std::string what =
      with_processes ? "no client or process is named " : "no client is named ";
  context.problems.add(at, what + quote(name) + suggestion(name, names));
}

Trigger read_when_log(MapReader& reader, ScenarioContext& context) {
  const WhenLog when{reader.text("log"), reader.text("of")};
  const std::string what = pattern_problem(when.pattern);
  if (!what.empty()) context.problems.add(*find_key(reader.node(), "log"), what);
  if (!when.of.empty() && context.has_topology) {
    check_of(*find_key(reader.node(), "of"), when.of, true, context);
  }
  return when;
}

Trigger read_when_count(MapReader& reader, ScenarioContext& context) {
  WhenCount when;
  when.operations = static_cast<std::uint64_t>(reader.integer("operations"));
  when.client = reader.text("of");
  if (!when.client.empty()) {
    check_of(*find_key(reader.node(), "of"), when.client, false, context);
  }
  return when;
}

Trigger read_when(const YamlNode& node, ScenarioContext& context) {
  MapReader reader(node, "'when'", context.problems);
  Trigger trigger;
  const std::string_view given = reader.one_of(kWhenVariants);
  if (given.empty()) return trigger;
  if (given == "log") {
    trigger = read_when_log(reader, context);
  } else if (given == "operations") {
    trigger = read_when_count(reader, context);
  } else {
    const MetricRule rule = read_metric_rule(reader, context.problems);
    trigger = WhenMetric{rule.metric, rule.is_below, rule.value, rule.lasting};
  }
  reader.finish();
  return trigger;
}

}  // namespace

MetricRule read_metric_rule(MapReader& reader, Problems& problems) {
  MetricRule rule;
  rule.metric = split_choices(kMetricKeys[0].choices)[reader.choice("metric")];
  rule.lasting = reader.duration("for");
  const std::string key(reader.one_of("bound"));
  if (key.empty()) return rule;
  rule.is_below = key == "below";
  const YamlNode& bound = *reader.find(key);
  const bool is_share = rule.metric == "availability";
  const std::optional<std::string> text = scalar_text(bound, key, problems);
  if (!text) return rule;
  const auto params = is_share ? make_params(kPercentBound, {{"bound", *text}})
                               : make_params(kNumberBound, {{"bound", *text}});
  if (!params) {
    const std::string& what = params.error().what;
    problems.add(bound, quote(key) + what.substr(what.find(':')));
  } else {
    rule.value = is_share ? params->percent("bound") : params->number("bound");
  }
  return rule;
}

void read_trigger(MapReader& reader, ScenarioContext& context, TimelineEntry& entry) {
  const std::string_view given = reader.one_of("trigger");
  if (given.empty()) return;
  const YamlNode& node = *reader.find(given);
  if (given == "at") entry.trigger = read_at(node, context.problems);
  if (given == "after") entry.trigger = read_after(node, context.problems);
  if (given == "when") entry.trigger = read_when(node, context);
}

}  // namespace squall
