// Walking a path into a YAML tree and putting a value there.
#include "scenarios/overrides.h"

#include <algorithm>
#include <memory>

#include "base/nearest.h"

namespace squall {
namespace {

// `rest` begins with `name` as a whole word of the path.  Names may hold dots: "process.kill".
bool begins_with(std::string_view rest, std::string_view name) {
  return rest.starts_with(name) && (rest.size() == name.size() || rest[name.size()] == '.');
}

std::string_view after(std::string_view rest, std::string_view name) {
  return rest.substr(std::min(rest.size(), name.size() + 1));
}

std::string text_of(const YamlNode& item, std::string_view key) {
  const YamlNode* found = find_key(item, key);
  return found == nullptr ? "" : found->text;
}

// What the entries of a list are called; entries of one kind without names get numbers.
std::vector<std::string> names_of(const YamlNode& list) {
  std::vector<std::string> names;
  for (const YamlNode& item : list.items) {
    std::string name = text_of(item, "name");
    for (const char* kind : {"client", "fault"}) {
      if (name.empty()) name = text_of(item, kind);
    }
    if (name.empty() && item.keys.size() == 1) name = item.keys[0].text;
    if (name.empty()) name = item.text;
    const std::string base = name;
    for (int n = 2; std::find(names.begin(), names.end(), name) != names.end(); ++n) {
      name = base + "@" + std::to_string(n);
    }
    names.push_back(name);
  }
  return names;
}

class Override {
 public:
  Override(const std::string& key, const std::string& value, Problems& problems)
      : origin_(std::make_shared<const std::string>("--set " + key + "=" + value)),
        value_(value),
        problems_(problems) {}

  void apply(YamlNode& node, std::string_view rest) {
    if (rest.empty()) return put(node);
    if (node.kind == YamlKind::kNull) node.kind = YamlKind::kMap;
    if (node.kind == YamlKind::kList) return apply_to_list(node, rest);
    if (node.kind == YamlKind::kMap) return apply_to_map(node, rest);
    problems_.add(blank(), "'" + node.text + "' has no part " + quote(rest));
  }

 private:
  [[nodiscard]] YamlNode blank() const {
    YamlNode node;
    node.file = origin_;
    return node;
  }

  void put(YamlNode& node) {
    if (value_.starts_with('[') || value_.starts_with('{')) {
      std::optional<YamlNode> parsed = parse_yaml(value_, *origin_, problems_.list());
      if (parsed) node = std::move(*parsed);
      return;
    }
    node = blank();
    node.kind = YamlKind::kScalar;
    node.text = value_;
  }

  void apply_to_map(YamlNode& node, std::string_view rest) {
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const std::string& key = node.keys[i].text;
      if (begins_with(rest, key)) return apply(node.items[i], after(rest, key));
    }
    // A key that the file leaves out; whether there is one of that name, the reader will say.
    YamlNode key = blank();
    key.kind = YamlKind::kScalar;
    key.text = std::string(rest.substr(0, rest.find('.')));
    YamlNode value = blank();
    apply(value, after(rest, key.text));
    node.keys.push_back(std::move(key));
    node.items.push_back(std::move(value));
  }

  void apply_to_list(YamlNode& node, std::string_view rest) {
    const std::vector<std::string> names = names_of(node);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string index = std::to_string(i);
      const bool is_name = !names[i].empty() && begins_with(rest, names[i]);
      if (!is_name && !begins_with(rest, index)) continue;
      return apply_to_item(node.items[i], after(rest, is_name ? names[i] : index));
    }
    const std::string wanted(rest.substr(0, rest.find('.')));
    problems_.add(blank(), "nothing is named " + quote(wanted) + suggestion(wanted, names));
  }

  // A check is `NAME` or `NAME: {…}`; its parameters are meant.
  void apply_to_item(YamlNode& item, std::string_view rest) {
    if (item.kind == YamlKind::kScalar && !rest.empty()) {
      YamlNode map = item;
      map.kind = YamlKind::kMap;
      map.keys = {item};
      map.items = {blank()};
      item = std::move(map);
    }
    const bool is_check = item.kind == YamlKind::kMap && item.keys.size() == 1 && !rest.empty() &&
                          !begins_with(rest, item.keys[0].text);
    apply(is_check ? item.items[0] : item, rest);
  }

  std::shared_ptr<const std::string> origin_;
  std::string value_;
  Problems& problems_;
};

}  // namespace

void apply_overrides(YamlNode& root, const std::map<std::string, std::string>& overrides,
                     Problems& problems) {
  for (const auto& [key, value] : overrides) {
    Override(key, value, problems).apply(root, key);
  }
}

}  // namespace squall
