// What a scenario checks and when it stops: steady gate, checks, guard.
#include <algorithm>

#include "base/nearest.h"
#include "scenarios/scenario_keys.h"
#include "scenarios/scenario_parts.h"

namespace squall {
namespace {

std::vector<std::string> checker_names() {
  std::vector<std::string> names;
  for (const CheckerRow& row : checkers()) names.emplace_back(row.name);
  return names;
}

// Parameters with these names mean entries of this scenario.
void check_reference(const YamlNode& node, const std::string& key, const std::string& what,
                     const std::vector<std::string>& names, Problems& problems) {
  const YamlNode* value = find_key(node, key);
  if (value == nullptr || value->kind != YamlKind::kScalar || value->text.empty()) return;
  if (std::find(names.begin(), names.end(), value->text) != names.end()) return;
  problems.add(*value,
               "no " + what + " is named " + quote(value->text) + suggestion(value->text, names));
}

void check_references(const YamlNode& given, ScenarioContext& context) {
  const std::vector<std::string> clients = workload_names(context.scenario);
  check_reference(given, "client", "client", clients, context.problems);
  check_reference(given, "reader", "client", clients, context.problems);
  if (context.scenario.is_control) return;
  check_reference(given, "fault", "fault", fault_names(context.scenario), context.problems);
}

void read_check(const YamlNode& name, const YamlNode& value, ScenarioContext& context) {
  const CheckerRow* row = find_checker(name.text);
  if (row == nullptr) {
    context.problems.add(
        name, "unknown check " + quote(name.text) + suggestion(name.text, checker_names()));
    return;
  }
  YamlNode empty = name;
  empty.kind = YamlKind::kMap;
  const YamlNode& given = value.kind == YamlKind::kNull ? empty : value;
  MapReader reader(given, quote(name.text), context.problems);
  if (!reader.is_map()) return;
  if (auto params = reader.params(row->params)) {
    if (const Result<> valid = validate(*row, *params); !valid) {
      context.problems.add(name, quote(name.text) + ": " + valid.error().what);
    }
    context.scenario.checks.push_back({name.text, std::move(*params)});
  }
  check_references(given, context);
}

}  // namespace

void read_steady(const YamlNode& node, ScenarioContext& context) {
  MapReader reader(node, "'steady'", context.problems);
  if (!reader.is_map()) return;
  const std::optional<Params> params = reader.params(kSteadyParams);
  if (!params) return;
  SteadyGate& gate = context.scenario.steady;
  gate.availability = params->percent("availability");
  gate.window = params->duration("window");
  gate.within = params->duration("within");
  if (gate.window > gate.within) context.problems.add(node, "'window' is longer than 'within'");
  const std::int64_t operations = params->integer("operations");
  if (operations < 1) context.problems.add(node, "'operations' must be at least 1");
  gate.operations = static_cast<std::uint64_t>(std::max<std::int64_t>(operations, 1));
}

void read_checks(const YamlNode& node, ScenarioContext& context) {
  if (node.kind != YamlKind::kList || node.items.empty()) {
    context.problems.add(node, "'checks' must be a list of at least one check");
    return;
  }
  for (const YamlNode& item : node.items) {
    const YamlNode nothing;
    if (item.kind == YamlKind::kScalar) {
      read_check(item, nothing, context);
    } else if (item.kind == YamlKind::kMap && item.keys.size() == 1) {
      read_check(item.keys[0], item.items[0], context);
    } else {
      context.problems.add(item, "a check is a name, or a map of one name to its parameters");
    }
  }
}

void read_guard(const YamlNode& node, ScenarioContext& context) {
  MapReader reader(node, "'guard'", context.problems, kGuardKeys);
  const YamlNode* abort = reader.find("abort-when");
  reader.finish();
  if (abort == nullptr) return;
  const bool is_list = abort->kind == YamlKind::kList;
  const std::size_t count = is_list ? abort->items.size() : 1;
  for (std::size_t i = 0; i < count; ++i) {
    MapReader rule_reader(is_list ? abort->items[i] : *abort, "'abort-when'", context.problems,
                          kMetricKeys);
    const MetricRule rule = read_metric_rule(rule_reader, context.problems);
    rule_reader.finish();
    context.scenario.guard.push_back({rule.metric, rule.is_below, rule.value, rule.lasting});
  }
}

}  // namespace squall
