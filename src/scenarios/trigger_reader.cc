// When a fault starts: `at`, `after` or `when`.
#include <algorithm>
#include <array>
#include <charconv>

#include "base/nearest.h"
#include "scenarios/scenario_parts.h"
#include "scenarios/topology_reader.h"

namespace squall {
namespace {

constexpr std::array<ParamSpec, 1> kPercentBound = {
    {{"bound", ParamType::kPercent, kRequired, "a share of the operations", ""}}};
constexpr std::array<ParamSpec, 1> kNumberBound = {
    {{"bound", ParamType::kNumber, kRequired, "so many in a second", ""}}};

const std::vector<std::string>& metrics() {
  static const std::vector<std::string> names = {"availability", "operations", "errors"};
  return names;
}

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
  MapReader reader(node, "'after'", problems);
  if (reader.require("fault", "the fault to wait for") != nullptr) {
    after.fault = FaultId(reader.text("fault"));
  }
  after.by = reader.duration("by", Duration{0});
  after.of_start = reader.choice("of", {"end", "start"}, 0) == 1;
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
  constexpr std::int64_t kMostOperations = 1'000'000'000'000;
  when.operations = static_cast<std::uint64_t>(reader.integer("operations", 1, 1, kMostOperations));
  when.client = reader.text("of");
  if (!when.client.empty()) {
    check_of(*find_key(reader.node(), "of"), when.client, false, context);
  }
  return when;
}

Trigger read_when(const YamlNode& node, ScenarioContext& context) {
  MapReader reader(node, "'when'", context.problems);
  Trigger trigger;
  const int given =
      int{reader.has("log")} + int{reader.has("metric")} + int{reader.has("operations")};
  if (given != 1) {
    if (reader.is_map()) {
      context.problems.add(node, "'when' needs exactly one of 'log', 'metric' and 'operations'");
    }
    return trigger;
  }
  if (reader.has("log")) {
    trigger = read_when_log(reader, context);
  } else if (reader.has("operations")) {
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
  rule.metric = metrics()[0];
  if (reader.require("metric", "one of availability, operations, errors") != nullptr) {
    rule.metric = metrics()[reader.choice("metric", metrics(), 0)];
  }
  const YamlNode* below = reader.find("below");
  const YamlNode* above = reader.find("above");
  rule.lasting = reader.duration("for", Duration{0});
  if (!reader.is_map()) return rule;
  if ((below == nullptr) == (above == nullptr)) {
    problems.add(reader.node(), reader.subject() + " needs exactly one of 'below' and 'above'");
    return rule;
  }
  rule.is_below = below != nullptr;
  const YamlNode& bound = rule.is_below ? *below : *above;
  const bool is_share = rule.metric == "availability";
  const std::string key = rule.is_below ? "below" : "above";
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
  const YamlNode* at = reader.find("at");
  const YamlNode* after = reader.find("after");
  const YamlNode* when = reader.find("when");
  const int given = int{at != nullptr} + int{after != nullptr} + int{when != nullptr};
  if (given != 1) {
    context.problems.add(reader.node(),
                         reader.subject() + " needs exactly one of 'at', 'after' and 'when'");
    return;
  }
  if (at != nullptr) entry.trigger = read_at(*at, context.problems);
  if (after != nullptr) entry.trigger = read_after(*after, context.problems);
  if (when != nullptr) entry.trigger = read_when(*when, context);
}

}  // namespace squall
