// yaml-cpp's events become a tree.
#include "scenarios/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>

namespace squall {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::size_t count_nodes(const YamlNode& node) {
  std::size_t count = 1 + node.keys.size();
  for (const YamlNode& item : node.items) count += count_nodes(item);
  return count;
}

// yaml-cpp goes on after a handler gave up, so each event is ignored from then on.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, const std::string& file, std::vector<Problem>& problems)
      : lines_(lines_of(text)),
        file_(std::make_shared<const std::string>(file)),
        problems_(problems) {}

  [[nodiscard]] bool has_given_up() const { return has_given_up_; }
  [[nodiscard]] std::optional<YamlNode>& root() { return root_; }
  [[nodiscard]] YamlNode node_at(const YAML::Mark& mark) const {
    YamlNode node;
    node.file = file_;
    node.line = std::max(mark.line, 0) + 1;
    node.column = std::max(mark.column, 0) + 1;
    return node;
  }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(node_at(mark), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (has_given_up_) return;
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) return give_up(node_at(mark), "an alias inside its own anchor");
    node_count_ += count_nodes(found->second);
    if (!is_within_limits(node_at(mark))) return;
    YamlNode copy = found->second;
    add(std::move(copy), 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node = node_at(mark);
    node.kind = YamlKind::kScalar;
    node.text = value;
    node.style = style_at(node);
    refuse_tag(node, tag);
    if (node.text.empty() && tag.size() > 1) node.text = tag;  // what was meant
    add(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, YamlKind::kList);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, YamlKind::kMap);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    std::optional<YamlNode> key;  // maps: seen, and its value is next
  };

  void give_up(const YamlNode& at, const std::string& what) {
    if (!has_given_up_) problems_.push_back(problem_at(at, what));
    has_given_up_ = true;
  }

  bool is_within_limits(const YamlNode& at) {
    if (node_count_ > kMaxYamlNodes) {
      give_up(at, "more than " + std::to_string(kMaxYamlNodes) + " values");
    } else if (open_.size() > kMaxYamlDepth) {
      give_up(at, "nested more than " + std::to_string(kMaxYamlDepth) + " deep");
    }
    return !has_given_up_;
  }

  [[nodiscard]] char style_at(const YamlNode& node) const {
    const auto line = static_cast<std::size_t>(node.line - 1);
    const auto column = static_cast<std::size_t>(node.column - 1);
    if (line >= lines_.size() || column >= lines_[line].size()) return 0;
    const char first = lines_[line][column];
    return std::string_view("'\"|>").find(first) == std::string_view::npos ? '\0' : first;
  }

  // `!leader(registry)` without quotes is a tag to YAML, not text.
  void refuse_tag(const YamlNode& at, const std::string& tag) {
    if (has_given_up_ || tag.size() < 2 || tag[0] != '!') return;
    problems_.push_back(problem_at(at, "'" + tag + "' is a YAML tag; write it in quotes"));
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlKind kind) {
    if (has_given_up_) return;
    Open opened;
    opened.node = node_at(mark);
    opened.node.kind = kind;
    opened.anchor = anchor;
    refuse_tag(opened.node, tag);
    open_.push_back(std::move(opened));
    (void)is_within_limits(open_.back().node);
  }

  void close() {
    if (has_given_up_) return;
    Open closed = std::move(open_.back());
    open_.pop_back();
    add(std::move(closed.node), closed.anchor);
  }

  void add(YamlNode node, YAML::anchor_t anchor) {
    if (has_given_up_) return;
    ++node_count_;
    if (!is_within_limits(node)) return;
    if (anchor != 0) anchors_[anchor] = node;
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (open_.back().node.kind == YamlKind::kList) {
      open_.back().node.items.push_back(std::move(node));
    } else if (!open_.back().key) {
      open_.back().key = std::move(node);
    } else {
      add_entry(open_.back(), std::move(node));
    }
  }

  void add_entry(Open& map, YamlNode value) {
    YamlNode key = std::move(*map.key);
    map.key.reset();
    if (key.kind != YamlKind::kScalar) {
      problems_.push_back(problem_at(key, "a key must be a single word"));
      return;
    }
    const auto same = std::find_if(map.node.keys.begin(), map.node.keys.end(),
                                   [&](const YamlNode& other) { return other.text == key.text; });
    if (same != map.node.keys.end()) {
      problems_.push_back(problem_at(
          key, "duplicate key '" + key.text + "', first at line " + std::to_string(same->line)));
      return;
    }
    map.node.keys.push_back(std::move(key));
    map.node.items.push_back(std::move(value));
  }

  std::vector<std::string_view> lines_;
  std::shared_ptr<const std::string> file_;
  std::vector<Problem>& problems_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  std::optional<YamlNode> root_;
  std::size_t node_count_ = 0;
  bool has_given_up_ = false;
};

bool is_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0x7F || (byte < 0x20 && c != '\n' && c != '\r' && c != '\t');
  });
}

Problem whole_file(const std::string& file, std::string what) {
  return Problem{file, 1, 1, std::move(what)};
}

}  // namespace

std::optional<YamlNode> parse_yaml(std::string_view text, const std::string& file,
                                   std::vector<Problem>& problems) {
  if (text.size() > kMaxYamlBytes) {
    problems.push_back(whole_file(file, "larger than 1 MiB; that is no file of ours"));
    return std::nullopt;
  }
  if (!is_text(text)) {
    problems.push_back(whole_file(file, "holds control characters; that is no text"));
    return std::nullopt;
  }
  TreeBuilder builder(text, file, problems);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder) || builder.root()->kind == YamlKind::kNull) {
      if (!builder.has_given_up()) problems.push_back(whole_file(file, "the file is empty"));
      return std::nullopt;
    }
    std::optional<YamlNode> root = std::move(builder.root());
    if (!builder.has_given_up() && parser.HandleNextDocument(builder)) {
      problems.push_back(whole_file(file, "holds more than one document"));
    }
    return builder.has_given_up() ? std::nullopt : root;
  } catch (const YAML::Exception& error) {
    // Limits first: what follows a nesting that is too deep is a consequence of it.
    if (!builder.has_given_up()) {
      problems.push_back(problem_at(builder.node_at(error.mark), "not YAML: " + error.msg));
    }
    return std::nullopt;
  }
}

const YamlNode* find_key(const YamlNode& node, std::string_view key) {
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    if (node.keys[i].text == key) return &node.items[i];
  }
  return nullptr;
}

YamlNode* find_key(YamlNode& node, std::string_view key) {
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    if (node.keys[i].text == key) return &node.items[i];
  }
  return nullptr;
}

Problem problem_at(const YamlNode& node, std::string what, std::size_t offset) {
  Problem problem{node.file ? *node.file : "", node.line, node.column, std::move(what)};
  if (node.line == 0) return problem;
  const bool is_block = node.style == '|' || node.style == '>';
  const bool is_quoted = node.style == '\'' || node.style == '"';
  const std::string_view before = std::string_view(node.text).substr(0, offset);
  const auto breaks = static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  if (is_block) {
    // Blocks lose their indentation, so the line is known and the column is not.
    problem.line += 1 + breaks;
    problem.column = 1;
  } else if (breaks == 0 && offset > 0) {
    problem.column += static_cast<int>(offset) + (is_quoted ? 1 : 0);
  }
  return problem;
}

}  // namespace squall
