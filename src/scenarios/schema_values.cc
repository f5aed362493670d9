// What a value of a table's row looks like as JSON Schema.
#include "scenarios/schema_values.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

namespace squall {
namespace {

constexpr std::string_view kDuration = R"(([0-9]+(\.[0-9]+)?(h|m|s|ms|us|ns))+)";
constexpr std::string_view kPercent = R"(0*(100(\.0*)?|[0-9]{1,2}(\.[0-9]*)?|\.[0-9]+)%)";
constexpr std::string_view kNumber = R"(-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)";
constexpr std::string_view kSelector = R"([A-Za-z0-9_./()&|!\s-]+)";
constexpr std::string_view kDurationWanted = "write a number and a unit such as 40ms, 3s, 1m30s";
constexpr std::string_view kSignedDurationWanted =
    "write a sign, a number and a unit such as -250ms, +3s, 1m30s";
constexpr std::string_view kSelectorWanted =
    "write a selector such as e1, region/eu, role/store, leader(store), one-of(region/eu & !e1)";

SchemaJson whole_number_schema(bool is_signed) {
  return {{"type", {"integer", "string"}}, {"pattern", is_signed ? "^-?[0-9]+$" : "^[0-9]+$"}};
}

SchemaJson boolean_schema() {
  return {{"type", {"boolean", "string"}}, {"pattern", "^(true|false)$"}};
}

SchemaJson list_schema(SchemaJson items, std::int64_t min = 0, std::int64_t max = 0) {
  SchemaJson list = {{"type", "array"}, {"items", std::move(items)}};
  if (min > 0) list["minItems"] = min;
  if (max > 0) list["maxItems"] = max;
  return list;
}

// A choice that YAML reads as a number may be written with quotes or without.
SchemaJson choice_schema(std::string_view choices, Variables variables) {
  SchemaJson values = SchemaJson::array();
  for (const std::string& choice : split_choices(choices)) {
    std::int64_t number = 0;
    const auto parsed = std::from_chars(choice.data(), choice.data() + choice.size(), number);
    const bool is_number = parsed.ptr == choice.data() + choice.size();
    if (is_number) values.push_back(number);
    values.push_back(choice);
  }
  SchemaJson listed = {{"enum", std::move(values)}};
  if (variables == Variables::kNone) return listed;
  const SchemaJson replaced = {{"type", "string"}, {"pattern", R"(\{var:)"}};
  return {{"anyOf", {listed, replaced}}};
}

SchemaJson integer_schema(const KeySpec& key, Variables variables) {
  SchemaJson number = whole_number_schema(key.min < 0);
  number["minimum"] = key.min;
  number["maximum"] = key.max;
  if (variables == Variables::kReplaced) number["pattern"] = R"(^-?[0-9]+$|\{var:)";
  return number;
}

SchemaJson name_schema(Variables variables) {
  return text_schema(std::string(kNameExpression),
                     "lower-case letters, digits and '-', a letter first, at most 63", variables);
}

SchemaJson scalar_or_null() {
  SchemaJson scalar = scalar_schema();
  scalar.erase("minLength");
  scalar["type"].push_back("null");
  return scalar;
}

SchemaJson selector_schema() {
  return text_schema(std::string(kSelector), kSelectorWanted);
}

SchemaJson value_schema(const KeySpec& key, Variables variables) {
  switch (key.kind) {
    case KeyKind::kText:
    case KeyKind::kPattern:
      return scalar_schema();
    case KeyKind::kName:
      return name_schema(variables);
    case KeyKind::kDuration:
      return duration_schema(variables);
    case KeyKind::kTime:
      return text_schema(std::string(kDuration) + R"((\.\.)" + std::string(kDuration) + ")?",
                         "write a time such as 3s, or a range such as 3s..5s", variables);
    case KeyKind::kInteger:
      return integer_schema(key, variables);
    case KeyKind::kCount:
      return {{"type", {"integer", "string"}}, {"pattern", R"(^[0-9]+(\.\.[0-9]+)?$)"}};
    case KeyKind::kSeed: {
      SchemaJson seed = whole_number_schema(false);
      seed["minimum"] = 0;
      return seed;
    }
    case KeyKind::kBoolean:
      return boolean_schema();
    case KeyKind::kChoice:
      return choice_schema(key.choices, variables);
    case KeyKind::kBound:
      return {{"type", {"string", "number"}}};
    case KeyKind::kSelector:
      return selector_schema();
    case KeyKind::kSelectorPair:
      return list_schema(selector_schema(), 2, 2);
    case KeyKind::kTexts:
      return list_schema(scalar_schema(), key.min, key.max);
    case KeyKind::kNames:
      return list_schema(name_schema(variables));
    case KeyKind::kTextMap:
      return {{"type", "object"}, {"additionalProperties", scalar_or_null()}};
    case KeyKind::kVariables:
      return map_of(scalar_schema(), Variables::kNone);
    case KeyKind::kPart:
      return {{"$ref", "#/definitions/" + std::string(key.name)}};
  }
  return {};
}

SchemaJson value_schema(const ParamSpec& param) {
  switch (param.type) {
    case ParamType::kDuration:
      return duration_schema(Variables::kNone);
    case ParamType::kSignedDuration:
      return text_schema("[+-]?" + std::string(kDuration), kSignedDurationWanted);
    case ParamType::kPercent:
      return percent_schema();
    case ParamType::kInteger:
      return whole_number_schema(true);
    case ParamType::kNumber:
      return number_schema();
    case ParamType::kText: {
      // Words in a row may be a list.
      const SchemaJson words = list_schema(scalar_schema(), 1);
      return {{"anyOf", {scalar_schema(), words}}};
    }
    case ParamType::kBoolean:
      return boolean_schema();
    case ParamType::kChoice:
      return choice_schema(param.choices, Variables::kNone);
  }
  return {};
}

// What a value of an ordered type looks like, for a range of them; "" for other types.
std::string ordered_expression(ParamType type) {
  switch (type) {
    case ParamType::kDuration:
      return std::string(kDuration);
    case ParamType::kSignedDuration:
      return "[+-]?" + std::string(kDuration);
    case ParamType::kPercent:
      return std::string(kPercent);
    case ParamType::kInteger:
      return "-?[0-9]+";
    case ParamType::kNumber:
      return std::string(kNumber);
    case ParamType::kText:
    case ParamType::kBoolean:
    case ParamType::kChoice:
      break;
  }
  return "";
}

// Defaults as an editor inserts them.
SchemaJson default_value(std::string_view text, const SchemaJson& value) {
  const bool is_typed = value.contains("type") && value["type"].is_array() &&
                        value["type"][0] != "string" && SchemaJson::accept(text);
  return is_typed ? SchemaJson::parse(text) : SchemaJson(text);
}

// Beside a "$ref" nothing counts; what is to be said stands in its definition.
void describe(SchemaJson& value, std::string_view help, std::string_view fallback) {
  if (value.contains("$ref")) return;
  if (!help.empty()) value["description"] = help;
  if (!fallback.empty() && fallback != kRequired) value["default"] = default_value(fallback, value);
}

// "exactly one of" each group of keys.
void add_groups(SchemaJson& map, std::span<const KeySpec> keys) {
  std::vector<std::string_view> names;
  std::vector<SchemaJson> groups;
  for (const KeySpec& key : keys) {
    if (key.group.empty()) continue;
    const auto found = std::find(names.begin(), names.end(), key.group);
    const auto index = static_cast<std::size_t>(found - names.begin());
    if (found == names.end()) {
      names.push_back(key.group);
      groups.push_back(SchemaJson::array());
    }
    groups[index].push_back(with_key(key.name));
  }
  for (const SchemaJson& group : groups) map["allOf"].push_back({{"oneOf", group}});
}

}  // namespace

SchemaJson text_schema(std::string expression, std::string_view wanted, Variables variables) {
  std::string pattern = "^(" + std::move(expression) + ")$";
  if (variables == Variables::kReplaced) pattern += R"(|\{var:)";
  return {{"type", "string"}, {"pattern", pattern}, {"patternErrorMessage", wanted}};
}

SchemaJson duration_schema(Variables variables) {
  return text_schema(std::string(kDuration), kDurationWanted, variables);
}

SchemaJson percent_schema() {
  return text_schema(std::string(kPercent), "write a share from 0% to 100%, such as 20%");
}

SchemaJson number_schema() {
  return {{"type", {"number", "string"}}, {"pattern", "^" + std::string(kNumber) + "$"}};
}

SchemaJson scalar_schema() {
  return {{"type", {"string", "number", "boolean"}}, {"minLength", 1}};
}

SchemaJson key_schema(const KeySpec& key, Variables variables) {
  SchemaJson value = value_schema(key, variables);
  describe(value, key.help, key.fallback);
  return value;
}

SchemaJson param_schema(const ParamSpec& param) {
  SchemaJson value = value_schema(param);
  describe(value, param.help, param.fallback);
  return value;
}

SchemaJson drawn_schema(const ParamSpec& param) {
  const SchemaJson value = value_schema(param);
  SchemaJson alternatives = {value, list_schema(value, 1)};
  const std::string expression = ordered_expression(param.type);
  if (!expression.empty()) {
    alternatives.push_back(
        text_schema("(" + expression + R"()\.\.()" + expression + ")", "write a range LOW..HIGH"));
  }
  return {{"description", param.help}, {"anyOf", std::move(alternatives)}};
}

SchemaJson map_schema(std::span<const KeySpec> keys, Variables variables) {
  SchemaJson map = {{"type", "object"}};
  SchemaJson required = SchemaJson::array();
  for (const KeySpec& key : keys) {
    map["properties"][std::string(key.name)] = key_schema(key, variables);
    if (key.fallback == kRequired) required.push_back(key.name);
  }
  if (!required.empty()) map["required"] = std::move(required);
  map["additionalProperties"] = false;
  add_groups(map, keys);
  return map;
}

void add_params(SchemaJson& map, std::span<const ParamSpec> params) {
  for (const ParamSpec& param : params) {
    const std::string name(param.name);
    if (map["properties"].contains(name)) continue;
    map["properties"][name] = param_schema(param);
    if (param.fallback == kRequired) map["required"].push_back(name);
  }
}

SchemaJson map_of(SchemaJson value, Variables variables) {
  SchemaJson names = name_schema(variables);
  names.erase("type");
  return {{"type", "object"},
          {"propertyNames", std::move(names)},
          {"additionalProperties", std::move(value)}};
}

SchemaJson if_equal(std::string_view key, std::string_view value, SchemaJson then) {
  SchemaJson condition = with_key(key);
  condition["properties"][std::string(key)]["const"] = value;
  return {{"if", std::move(condition)}, {"then", std::move(then)}};
}

SchemaJson with_key(std::string_view key) {
  return {{"required", SchemaJson::array({key})}};
}

}  // namespace squall
