// YAML as a tree of our own: every node knows where it stands, duplicate keys are found, and size
// and depth have limits.  The only door to yaml-cpp; its exceptions end here.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/scenario.h"

namespace squall {

// Passing one of these is a problem with the limit in its text.
inline constexpr std::size_t kMaxYamlBytes = std::size_t{1} << 20U;
inline constexpr std::size_t kMaxYamlNodes = 100'000;  // aliases count as often as they are used
inline constexpr std::size_t kMaxYamlDepth = 32;

enum class YamlKind { kNull, kScalar, kList, kMap };

struct YamlNode {
  YamlKind kind = YamlKind::kNull;
  std::string text;             // scalars: unquoted; no scalar is typed
  char style = 0;               // scalars: ' " | > or 0 for a plain one
  std::vector<YamlNode> keys;   // maps: scalars, as many as items
  std::vector<YamlNode> items;  // lists and maps
  // The file's name, or what else stands for it ("--set seed=9"); lines and columns count bytes
  // from 1, line 0 means that there is none.
  std::shared_ptr<const std::string> file;
  int line = 0;
  int column = 0;
};

// Appends what is wrong and returns nothing if it is not one readable document.  Duplicate keys and
// tags are problems too, but the tree is there, so that other problems are found as well.
[[nodiscard]] std::optional<YamlNode> parse_yaml(std::string_view text, const std::string& file,
                                                 std::vector<Problem>& problems);

// The value of a key; null: not there, or no map.
[[nodiscard]] const YamlNode* find_key(const YamlNode& node, std::string_view key);
[[nodiscard]] YamlNode* find_key(YamlNode& node, std::string_view key);

// The problem `what` at a node, or `offset` bytes into its text.
[[nodiscard]] Problem problem_at(const YamlNode& node, std::string what, std::size_t offset = 0);

}  // namespace squall
