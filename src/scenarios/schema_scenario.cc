// The JSON Schema of a scenario: its own maps, and one branch for each fault, checker and client.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "checker/checker.h"
#include "injectors/injector.h"
#include "scenarios/scenario_keys.h"
#include "scenarios/schema.h"
#include "scenarios/schema_topology.h"

namespace squall {
namespace {

SchemaJson map_of_keys(std::span<const KeySpec> keys) {
  return map_schema(keys, Variables::kNone);
}

// A map whose common keys are described in one place: a branch only says that they may be there.
SchemaJson branch_of(std::span<const KeySpec> common) {
  SchemaJson branch = SchemaJson::object();
  for (const KeySpec& key : common) branch["properties"][std::string(key.name)] = true;
  branch["additionalProperties"] = false;
  return branch;
}

void require(SchemaJson& map, std::string_view key) {
  map["required"].push_back(key);
}

// An entry of the workload or the timeline: common keys, and a branch for each kind.
SchemaJson entry_of(std::span<const KeySpec> common, const char* key) {
  SchemaJson entry = map_of_keys(common);
  entry.erase("additionalProperties");
  const SchemaJson help = entry["properties"][key]["description"];
  entry["properties"][key] = {{"description", help},
                              {"enum", SchemaJson::array()},
                              {"enumDescriptions", SchemaJson::array()}};
  return entry;
}

void add_kind(SchemaJson& entry, const char* key, std::string_view kind, std::string_view help,
              SchemaJson branch) {
  SchemaJson& kinds = entry["properties"][key];
  kinds["enum"].push_back(kind);
  kinds["enumDescriptions"].push_back(help);
  branch["description"] = help;
  entry["allOf"].push_back(if_equal(key, kind, std::move(branch)));
}

SchemaJson workload(const Vocabulary& vocabulary) {
  SchemaJson entry = entry_of(kWorkloadKeys, "client");
  for (const ClientRow& row : vocabulary.clients) {
    SchemaJson branch = branch_of(kWorkloadKeys);
    if (row.processes != 1) branch["properties"]["processes"] = {{"default", row.processes}};
    add_params(branch, row.params);
    add_kind(entry, "client", row.kind, row.help, std::move(branch));
  }
  return {{"description", "the clients, at least one"},
          {"type", "array"},
          {"minItems", 1},
          {"maxItems", kMaxWorkload},
          {"items", std::move(entry)}};
}

// A name of the user's, or one that we gave in a schedule: "process.kill@2".
SchemaJson fault_name(std::string_view kind) {
  std::string escaped;
  for (const char c : kind) escaped += c == '.' ? std::string(R"(\.)") : std::string(1, c);
  return text_schema(std::string(kNameExpression) + "|" + escaped + "(@[0-9]*)?",
                     "lower-case letters, digits and '-', a letter first, at most 63");
}

// `between: [A, B]`, or `from: A` and `to: B`.
void add_pair_rule(SchemaJson& branch) {
  branch["oneOf"] = {with_key("between"), with_key("from")};
  branch["dependencies"]["from"] = SchemaJson::array({"to"});
  branch["dependencies"]["to"] = SchemaJson::array({"from"});
}

SchemaJson fault_branch(const InjectorRow& row) {
  SchemaJson branch = branch_of(kTimelineKeys);
  branch["properties"]["name"] = fault_name(row.kind);
  if (row.is_event) branch["properties"].erase("for");
  if (!row.is_event) require(branch, "for");
  for (const KeySpec& key : aim_keys(row.aim)) {
    branch["properties"][std::string(key.name)] = key_schema(key, Variables::kNone);
    if (key.fallback == kRequired) require(branch, key.name);
  }
  add_params(branch, row.params);
  if (row.aim != Aim::kNodePairs) return branch;
  for (const KeySpec& key : kNodePairImplied) branch["properties"].erase(std::string(key.name));
  add_pair_rule(branch);
  return branch;
}

SchemaJson timeline() {
  SchemaJson entry = entry_of(kTimelineKeys, "fault");
  for (const InjectorRow& row : injectors()) {
    add_kind(entry, "fault", row.kind, row.help, fault_branch(row));
  }
  return {{"description", "the faults, over time"},
          {"type", {"array", "null"}},
          {"maxItems", kMaxTimeline},
          {"items", std::move(entry)}};
}

SchemaJson after() {
  const SchemaJson name = scalar_schema();
  return {{"description", kTimelineKeys[1].help}, {"anyOf", {name, map_of_keys(kAfterKeys)}}};
}

// Below or above a share for availability, or a number.
SchemaJson metric_rule() {
  SchemaJson rule = map_of_keys(kMetricKeys);
  const auto bounds = [](const SchemaJson& value) {
    return SchemaJson{{"properties", {{"below", value}, {"above", value}}}};
  };
  for (const std::string& metric : split_choices(kMetricKeys[0].choices)) {
    const SchemaJson bound = metric == "availability" ? percent_schema() : number_schema();
    rule["allOf"].push_back(if_equal("metric", metric, bounds(bound)));
  }
  return rule;
}

SchemaJson when() {
  SchemaJson map = {{"description", kTimelineKeys[2].help},
                    {"type", "object"},
                    {"properties", SchemaJson::object()},
                    {"oneOf", SchemaJson::array()},
                    {"allOf", SchemaJson::array()}};
  for (const KeyVariant& variant : kWhenVariants) {
    SchemaJson then = variant.key == "metric" ? metric_rule() : map_of_keys(variant.keys);
    for (const auto& [name, value] : then["properties"].items()) map["properties"][name] = value;
    map["oneOf"].push_back(with_key(variant.key));
    map["allOf"].push_back({{"if", with_key(variant.key)}, {"then", std::move(then)}});
  }
  return map;
}

SchemaJson params_map(std::span<const ParamSpec> params) {
  SchemaJson map = {{"type", "object"}, {"properties", SchemaJson::object()}};
  add_params(map, params);
  map["additionalProperties"] = false;
  return map;
}

SchemaJson steady() {
  SchemaJson map = params_map(kSteadyParams);
  map["description"] = "the gate that the unfaulted stack passes before the timeline";
  map["properties"]["operations"]["minimum"] = 1;
  return map;
}

// A name where no parameter is required, or a map of one name to its parameters.
SchemaJson checks() {
  SchemaJson names = {{"enum", SchemaJson::array()}, {"enumDescriptions", SchemaJson::array()}};
  SchemaJson map = {{"type", "object"}, {"minProperties", 1}, {"maxProperties", 1}};
  for (const CheckerRow& row : checkers()) {
    SchemaJson params = params_map(row.params);
    params["description"] = row.help;
    if (!params.contains("required")) {
      params["type"] = {"object", "null"};
      names["enum"].push_back(row.name);
      names["enumDescriptions"].push_back(row.help);
    }
    map["properties"][std::string(row.name)] = std::move(params);
  }
  map["additionalProperties"] = false;
  return {{"description", "what must hold; a run that checks nothing proves nothing"},
          {"type", "array"},
          {"minItems", 1},
          {"items", {{"anyOf", {std::move(names), std::move(map)}}}}};
}

SchemaJson guard() {
  SchemaJson map = map_of_keys(kGuardKeys);
  map["description"] = "when the run is aborted";
  return map;
}

SchemaJson abort_when() {
  const SchemaJson rules = {{"type", "array"}, {"items", metric_rule()}};
  return {{"description", "one rule or a list of rules"}, {"anyOf", {metric_rule(), rules}}};
}

SchemaJson definitions_of(const Vocabulary& vocabulary) {
  SchemaJson stack = map_of_keys(kStackKeys);
  stack["description"] = "the system under test: a topology";
  SchemaJson definitions;
  definitions["stack"] = std::move(stack);
  definitions["workload"] = workload(vocabulary);
  definitions["timeline"] = timeline();
  definitions["after"] = after();
  definitions["when"] = when();
  definitions["steady"] = steady();
  definitions["checks"] = checks();
  definitions["guard"] = guard();
  definitions["abort-when"] = abort_when();
  definitions["inline"] = topology_map();
  add_topology_parts(definitions);
  return definitions;
}

}  // namespace

std::string scenario_schema(const Vocabulary& vocabulary) {
  SchemaJson schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                       {"title", "Squall scenario"},
                       {"description", "Generated by `squall schema scenario`."}};
  schema.update(map_of_keys(kScenarioKeys));
  SchemaJson control = with_key("control");
  control["properties"]["control"]["enum"] = {true, "true"};
  schema["if"] = std::move(control);
  schema["then"]["properties"]["timeline"]["maxItems"] = 0;
  schema["definitions"] = definitions_of(vocabulary);
  return schema.dump(2) + "\n";
}

}  // namespace squall
