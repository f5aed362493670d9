// Canonical YAML.
#include "scenarios/yaml_writer.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace squall {
namespace {

bool is_plain(std::string_view text) {
  if (text.empty() || text == "null" || text == "Null" || text == "NULL") return false;
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const auto is_inside = [&](char c) {
    return is_word(c) || std::string_view("-_./%@()").find(c) != std::string_view::npos;
  };
  return is_word(text[0]) && std::all_of(text.begin(), text.end(), is_inside);
}

std::string quoted_yaml(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      std::array<char, 8> escape{};
      (void)std::snprintf(escape.data(), escape.size(), "\\x%02x", static_cast<unsigned>(byte));
      quoted += escape.data();
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

bool is_inline(const YamlNode& node) {
  if (node.kind == YamlKind::kScalar || node.kind == YamlKind::kNull || node.items.empty()) {
    return true;
  }
  return node.kind == YamlKind::kList &&
         std::all_of(node.items.begin(), node.items.end(),
                     [](const YamlNode& item) { return item.kind == YamlKind::kScalar; });
}

std::string in_one_line(const YamlNode& node) {
  if (node.kind == YamlKind::kNull) return "~";
  if (node.kind == YamlKind::kScalar) return quoted_yaml(node.text);
  if (node.kind == YamlKind::kMap) return "{}";
  std::string list;
  for (const YamlNode& item : node.items) {
    list += (list.empty() ? "" : ", ") + quoted_yaml(item.text);
  }
  return "[" + list + "]";
}

// `lead` stands before the first line: the dash of a list's entry, or nothing.
void emit(const YamlNode& node, const std::string& indent, std::string lead, std::string& out) {
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const YamlNode& item = node.items[i];
    const bool is_map = node.kind == YamlKind::kMap;
    out += i == 0 ? lead : indent;
    out += is_map ? quoted_yaml(node.keys[i].text) + ":" : "-";
    if (is_inline(item)) {
      out += " " + in_one_line(item) + "\n";
    } else if (is_map) {
      out += "\n";
      emit(item, indent + "  ", indent + "  ", out);
    } else {
      emit(item, indent + "  ", " ", out);
    }
  }
}

}  // namespace

YamlNode yaml_text(std::string text) {
  YamlNode node;
  node.kind = YamlKind::kScalar;
  node.text = std::move(text);
  return node;
}

YamlNode yaml_list(const std::vector<std::string>& texts) {
  YamlNode node;
  node.kind = YamlKind::kList;
  for (const std::string& text : texts) node.items.push_back(yaml_text(text));
  return node;
}

YamlNode yaml_map() {
  YamlNode node;
  node.kind = YamlKind::kMap;
  return node;
}

void put(YamlNode& map, std::string_view key, YamlNode value) {
  map.keys.push_back(yaml_text(std::string(key)));
  map.items.push_back(std::move(value));
}

void put(YamlNode& map, std::string_view key, std::string text) {
  put(map, key, yaml_text(std::move(text)));
}

std::string emit_yaml(const YamlNode& root) {
  std::string out;
  emit(root, "", "", out);
  return out;
}

}  // namespace squall
