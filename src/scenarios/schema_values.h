// Rows of tables → JSON Schema.  Internal to this folder.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "scenarios/key_spec.h"

namespace squall {

using SchemaJson = nlohmann::ordered_json;

// Whether `{var:NAME}` may stand for a value, as everywhere in a topology.
enum class Variables { kNone, kReplaced };

// A name as is_name() has it, without anchors.
inline constexpr std::string_view kNameExpression = "[a-z]([a-z0-9-]{0,61}[a-z0-9])?";

// A text that a regular expression matches as a whole; `wanted` is what to write instead.
[[nodiscard]] SchemaJson text_schema(std::string expression, std::string_view wanted,
                                     Variables variables = Variables::kNone);
[[nodiscard]] SchemaJson duration_schema(Variables variables);
[[nodiscard]] SchemaJson percent_schema();
[[nodiscard]] SchemaJson number_schema();
// Strings, numbers and booleans: the readers see all of them as texts.
[[nodiscard]] SchemaJson scalar_schema();

[[nodiscard]] SchemaJson key_schema(const KeySpec& key, Variables variables);
[[nodiscard]] SchemaJson param_schema(const ParamSpec& param);
// The same where the seed draws it: a value, a range of an ordered type, or a list.
[[nodiscard]] SchemaJson drawn_schema(const ParamSpec& param);

// A map with the keys of a table and no others.
[[nodiscard]] SchemaJson map_schema(std::span<const KeySpec> keys, Variables variables);
// The parameters too, where no key has their name.
void add_params(SchemaJson& map, std::span<const ParamSpec> params);
// From names to `value`.
[[nodiscard]] SchemaJson map_of(SchemaJson value, Variables variables);

// {"if": `key` is `value`, "then": …}
[[nodiscard]] SchemaJson if_equal(std::string_view key, std::string_view value, SchemaJson then);
// {"required": [key]}
[[nodiscard]] SchemaJson with_key(std::string_view key);

}  // namespace squall
