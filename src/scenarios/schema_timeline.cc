// The timeline as JSON Schema: a list of faults, or what the seed draws them from.
#include "scenarios/schema_timeline.h"

#include <nlohmann/json.hpp>

#include "injectors/injector.h"
#include "scenarios/random_keys.h"
#include "scenarios/scenario_keys.h"
#include "scenarios/schema_entries.h"

namespace squall {
namespace {

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

void add_aim(SchemaJson& branch, const InjectorRow& row) {
  for (const KeySpec& key : aim_keys(row.aim)) {
    branch["properties"][std::string(key.name)] = key_schema(key, Variables::kNone);
    if (key.fallback == kRequired) require(branch, key.name);
  }
}

SchemaJson fault_branch(const InjectorRow& row) {
  SchemaJson branch = branch_of(kTimelineKeys);
  branch["properties"]["name"] = fault_name(row.kind);
  if (row.is_event) branch["properties"].erase("for");
  if (!row.is_event) require(branch, "for");
  add_aim(branch, row);
  add_params(branch, row.params);
  if (row.aim != Aim::kNodePairs) return branch;
  for (const KeySpec& key : kNodePairImplied) branch["properties"].erase(std::string(key.name));
  add_pair_rule(branch);
  return branch;
}

SchemaJson fixed() {
  SchemaJson entry = entry_of(kTimelineKeys, "fault");
  for (const InjectorRow& row : injectors()) {
    add_kind(entry, "fault", row.kind, row.help, fault_branch(row));
  }
  return {{"description", "the faults, over time"},
          {"type", "array"},
          {"maxItems", kMaxTimeline},
          {"items", std::move(entry)}};
}

SchemaJson drawn_branch(const InjectorRow& row) {
  SchemaJson branch = branch_of(kRandomFaultKeys);
  if (row.is_event) branch["properties"].erase("for");
  add_aim(branch, row);
  for (const ParamSpec& param : row.params) {
    const std::string name(param.name);
    // Follows from how a pair is written; the aim has no other parameter's name.
    if (name == "direction" || branch["properties"].contains(name)) continue;
    branch["properties"][name] = drawn_schema(param);
    const bool is_needed = param.fallback == kRequired || name == "restart-after";
    if (is_needed) require(branch, name);
  }
  if (row.aim == Aim::kNodePairs) add_pair_rule(branch);
  return branch;
}

SchemaJson drawn_faults() {
  SchemaJson entry = entry_of(kRandomFaultKeys, "fault");
  for (const InjectorRow& row : injectors()) {
    add_kind(entry, "fault", row.kind, row.help, drawn_branch(row));
  }
  return {{"description", "the kinds of faults to draw from"},
          {"type", "array"},
          {"minItems", 1},
          {"maxItems", kMaxDrawnKinds},
          {"items", std::move(entry)}};
}

SchemaJson if_type(const char* type, SchemaJson then) {
  return {{"if", {{"type", type}}}, {"then", std::move(then)}};
}

}  // namespace

void add_timeline_parts(SchemaJson& definitions) {
  SchemaJson random = map_of_keys(kRandomKeys);
  random["description"] = "faults that the seed draws";
  definitions["fixed"] = fixed();
  definitions["random"] = std::move(random);
  definitions["faults"] = drawn_faults();
  definitions["timeline"] = {
      {"description", "the faults, over time: a list, or what the seed draws them from"},
      {"type", {"array", "object", "null"}},
      {"allOf",
       {if_type("array", {{"$ref", "#/definitions/fixed"}}),
        if_type("object", map_of_keys(kDrawnTimelineKeys))}}};
}

}  // namespace squall
