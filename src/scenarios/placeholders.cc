// Splitting a text into literals and placeholders, checking and replacing them.
#include "scenarios/placeholders.h"

#include <algorithm>
#include <set>

#include "base/nearest.h"

namespace squall {
namespace {

const std::vector<std::string>& simple_names() {
  static const std::vector<std::string> names = {"node", "ip", "ip6", "dir", "region", "index"};
  return names;
}

// A literal, or what stands between the braces.
struct Piece {
  std::size_t offset = 0;
  std::string text;
  bool is_placeholder = false;
  bool is_open = false;  // a placeholder without its end
};

bool starts_placeholder(std::string_view text, std::size_t at) {
  return text[at] == '{' && at + 1 < text.size() && text[at + 1] >= 'a' && text[at + 1] <= 'z';
}

// The end of the placeholder that begins at `at`; braces inside it are balanced.
std::size_t end_of(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return i;
  }
  return std::string_view::npos;
}

std::vector<Piece> split(std::string_view text) {
  std::vector<Piece> pieces;
  std::string literal;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.substr(at, 2) == "{{") {
      literal += '{';
      at += 2;
      continue;
    }
    if (!starts_placeholder(text, at)) {
      literal += text[at++];
      continue;
    }
    pieces.push_back({at, std::move(literal), false, false});
    literal.clear();
    const std::size_t end = end_of(text, at);
    const bool is_open = end == std::string_view::npos;
    const std::size_t stop = is_open ? text.size() : end;
    pieces.push_back({at, std::string(text.substr(at + 1, stop - at - 1)), true, is_open});
    at = is_open ? text.size() : end + 1;
  }
  pieces.push_back({text.size(), std::move(literal), false, false});
  return pieces;
}

// "nodes:registry:{node}" → "nodes", "registry", "{node}".
struct Parts {
  std::string name, argument, pattern;
  bool has_argument = false;
  bool has_pattern = false;
};

Parts parts_of(const std::string& inside) {
  Parts parts;
  const std::size_t first = inside.find(':');
  parts.name = inside.substr(0, first);
  parts.has_argument = first != std::string::npos;
  if (!parts.has_argument) return parts;
  const std::size_t second =
      parts.name == "nodes" ? inside.find(':', first + 1) : std::string::npos;
  parts.has_pattern = second != std::string::npos;
  parts.argument =
      inside.substr(first + 1, parts.has_pattern ? second - first - 1 : std::string::npos);
  if (parts.has_pattern) parts.pattern = inside.substr(second + 1);
  return parts;
}

bool runs_role(const Topology& topology, const NodeSpec& node, const std::string& role) {
  return std::any_of(node.run.begin(), node.run.end(), [&](const ProcessName& name) {
    const ProcessSpec* process = find_process(topology, name);
    return process != nullptr && process->role == role;
  });
}

std::string problem_of(const Piece& piece, const Topology& topology, bool is_pattern);

// The problem inside a pattern, or "".
std::string pattern_problem(const Parts& parts, const Topology& topology) {
  std::set<std::string> unique;
  for (const ProcessSpec& process : topology.processes) unique.insert(process.role);
  const std::vector<std::string> roles(unique.begin(), unique.end());
  if (!unique.contains(parts.argument)) {
    return "unknown role '" + parts.argument + "'" + suggestion(parts.argument, roles);
  }
  if (!parts.has_pattern) return "'{nodes:ROLE:PATTERN}' has no pattern";
  for (const Piece& piece : split(parts.pattern)) {
    std::string problem = problem_of(piece, topology, true);
    if (!problem.empty()) return problem;
  }
  return "";
}

std::string problem_of(const Piece& piece, const Topology& topology, bool is_pattern) {
  if (!piece.is_placeholder) return "";
  const std::string written = "'{" + piece.text + "}'";
  if (piece.is_open) return "'{" + piece.text + "' is not closed; write '{{' for a brace";
  const Parts parts = parts_of(piece.text);
  if (parts.name == "nodes" && !is_pattern) return pattern_problem(parts, topology);
  const bool names_node = (parts.name == "ip" || parts.name == "ip6") && parts.has_argument;
  if (names_node) {
    if (find_node(topology, NodeName(parts.argument)) != nullptr) return "";
    std::vector<std::string> nodes;
    for (const NodeSpec& node : topology.nodes) nodes.push_back(node.name.get());
    return "unknown node '" + parts.argument + "' in " + written +
           suggestion(parts.argument, nodes);
  }
  const std::vector<std::string>& names = simple_names();
  const bool is_known = std::find(names.begin(), names.end(), piece.text) != names.end();
  const bool is_of_this_node = is_pattern && piece.text == "dir";
  if (is_known && !is_of_this_node) return "";
  if (is_of_this_node) return "'{dir}' is of one node only, not of each";
  return "unknown placeholder " + written + suggestion(parts.name, names);
}

struct Where {
  const NodeSpec* node;
  std::size_t index;
};

Result<std::string> address(const std::string& name, bool is_v6, const ExpandContext& context) {
  const auto found = context.addresses.find(name);
  if (found == context.addresses.end()) {
    return Error{Errc::kNotFound, "node '" + name + "' has no address"};
  }
  return is_v6 ? found->second.ipv6 : found->second.ipv4;
}

Result<std::string> replaced(const std::string& text, const Where& where,
                             const ExpandContext& context);

Result<std::string> each_node(const Parts& parts, const ExpandContext& context) {
  std::string joined;
  for (std::size_t i = 0; i < context.topology.nodes.size(); ++i) {
    const NodeSpec& node = context.topology.nodes[i];
    if (!runs_role(context.topology, node, parts.argument)) continue;
    const std::string one = TRY(replaced(parts.pattern, Where{&node, i}, context));
    joined += (joined.empty() ? "" : ",") + one;
  }
  return joined;
}

Result<std::string> value_of(const std::string& inside, const Where& where,
                             const ExpandContext& context) {
  const Parts parts = parts_of(inside);
  if (inside == "node") return where.node->name.get();
  if (inside == "dir") return context.dir;
  if (inside == "region") return where.node->region;
  if (inside == "index") return std::to_string(where.index);
  if (parts.name == "ip" || parts.name == "ip6") {
    const std::string& name = parts.has_argument ? parts.argument : where.node->name.get();
    return address(name, parts.name == "ip6", context);
  }
  if (parts.name == "nodes") return each_node(parts, context);
  return Error{Errc::kInvalid, "unknown placeholder '{" + inside + "}'"};
}

Result<std::string> replaced(const std::string& text, const Where& where,
                             const ExpandContext& context) {
  std::string result;
  for (const Piece& piece : split(text)) {
    result += piece.is_placeholder ? TRY(value_of(piece.text, where, context)) : piece.text;
  }
  return result;
}

}  // namespace

Result<std::string> expand(const std::string& text, const ExpandContext& context) {
  const std::vector<NodeSpec>& nodes = context.topology.nodes;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].name == context.node) return replaced(text, Where{&nodes[i], i}, context);
  }
  return Error{Errc::kNotFound, "no node '" + context.node.get() + "' in the topology"};
}

std::vector<PlaceholderProblem> placeholder_problems(std::string_view text,
                                                     const Topology& topology) {
  std::vector<PlaceholderProblem> problems;
  for (const Piece& piece : split(text)) {
    std::string what = problem_of(piece, topology, false);
    if (!what.empty()) problems.push_back({piece.offset, std::move(what)});
  }
  return problems;
}

std::string expand_variables(std::string_view text,
                             const std::map<std::string, std::string>& variables,
                             std::vector<PlaceholderProblem>& problems) {
  constexpr std::string_view kStart = "{var:";
  std::string result;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t start = std::min(text.find(kStart, at), text.size());
    result += text.substr(at, start - at);
    if (start == text.size()) break;
    const std::size_t end = text.find('}', start);
    const std::string name(text.substr(
        start + kStart.size(), end == std::string_view::npos ? end : end - start - kStart.size()));
    if (const auto found = variables.find(name); found != variables.end()) {
      result += found->second;
    } else {
      std::vector<std::string> names;
      for (const auto& [known, value] : variables) names.push_back(known);
      problems.push_back({start, "unknown variable '" + name + "'" + suggestion(name, names)});
    }
    if (end == std::string_view::npos) break;
    at = end + 1;
  }
  return result;
}

}  // namespace squall
