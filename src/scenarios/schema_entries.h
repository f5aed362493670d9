// Entries that have common keys and a branch for each kind, in a schema.  Internal to this folder.
#pragma once

#include <span>
#include <string_view>

#include "scenarios/schema_values.h"

namespace squall {

[[nodiscard]] SchemaJson map_of_keys(std::span<const KeySpec> keys);

// A map whose common keys are described in one place: a branch only says that they may be there.
[[nodiscard]] SchemaJson branch_of(std::span<const KeySpec> common);
void require(SchemaJson& map, std::string_view key);

// An entry: common keys, and a branch for each kind, which `key` tells apart.
[[nodiscard]] SchemaJson entry_of(std::span<const KeySpec> common, const char* key);
void add_kind(SchemaJson& entry, const char* key, std::string_view kind, std::string_view help,
              SchemaJson branch);

}  // namespace squall
