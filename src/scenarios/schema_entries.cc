// Entries of a schema: what all have, and what each kind has.
#include "scenarios/schema_entries.h"

#include <nlohmann/json.hpp>

namespace squall {

SchemaJson map_of_keys(std::span<const KeySpec> keys) {
  return map_schema(keys, Variables::kNone);
}

SchemaJson branch_of(std::span<const KeySpec> common) {
  SchemaJson branch = SchemaJson::object();
  for (const KeySpec& key : common) branch["properties"][std::string(key.name)] = true;
  branch["additionalProperties"] = false;
  return branch;
}

void require(SchemaJson& map, std::string_view key) {
  map["required"].push_back(key);
}

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

}  // namespace squall
