// A tree of ours → YAML that parse_yaml reads back to the same tree.  Internal to this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/yaml_tree.h"

namespace squall {

[[nodiscard]] YamlNode yaml_text(std::string text);
[[nodiscard]] YamlNode yaml_list(const std::vector<std::string>& texts);
[[nodiscard]] YamlNode yaml_map();
void put(YamlNode& map, std::string_view key, YamlNode value);
void put(YamlNode& map, std::string_view key, std::string text);

// Blocks for lists and maps of maps; one line for lists of texts.  Texts are quoted unless every
// reader of YAML takes them for the same text, numbers and words like `true` excepted.
[[nodiscard]] std::string emit_yaml(const YamlNode& root);

}  // namespace squall
