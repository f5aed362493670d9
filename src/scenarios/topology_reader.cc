// Reading and checking a topology: regions, nodes, processes, leaders, placeholders.
#include "scenarios/topology_reader.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/nearest.h"
#include "base/pattern.h"
#include "scenarios/placeholders.h"
#include "scenarios/topology_keys.h"

namespace squall {
namespace {

// A stack that needs longer to serve is no stack to inject faults into.
constexpr Duration kMaxReady = std::chrono::minutes(10);

void replace_variables(YamlNode& node, const std::map<std::string, std::string>& variables,
                       Problems& problems) {
  if (node.kind == YamlKind::kScalar && node.text.find("{var:") != std::string::npos) {
    std::vector<PlaceholderProblem> found;
    std::string text = expand_variables(node.text, variables, found);
    for (const PlaceholderProblem& problem : found) {
      problems.add(node, problem.what, problem.offset);
    }
    node.text = std::move(text);
  }
  for (YamlNode& item : node.items) replace_variables(item, variables, problems);
}

// The topology's defaults with the scenario's values over them.
std::map<std::string, std::string> read_variables(const YamlNode& root,
                                                  const VariableValues& values,
                                                  Problems& problems) {
  std::map<std::string, std::string> variables;
  std::vector<std::string> names;
  if (const YamlNode* defaults = find_key(root, "variables")) {
    const MapReader reader(*defaults, "'variables'", problems);
    for (std::size_t i = 0; i < defaults->keys.size(); ++i) {
      const std::string& name = defaults->keys[i].text;
      names.push_back(name);
      if (!is_name(name)) problems.add(defaults->keys[i], quote(name) + " is no name");
      const auto text = scalar_text(defaults->items[i], name, problems);
      if (text) variables[name] = *text;
    }
  }
  for (const auto& [name, node] : values) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      problems.add(*node, "the topology has no variable " + quote(name) + suggestion(name, names));
    } else if (const auto text = scalar_text(*node, name, problems)) {
      variables[name] = *text;
    }
  }
  return variables;
}

class TopologyReader {
 public:
  TopologyReader(const YamlNode& root, Problems& problems) : root_(root), problems_(problems) {}

  Topology read() {
    MapReader reader(root_, "a topology", problems_, kTopologyKeys);
    if (!reader.is_map()) return {};
    if (const YamlNode* name = reader.find("topology")) {
      topology_.name = name_of(*name, "topology");
    }
    if (const YamlNode* regions = reader.find("regions")) read_regions(*regions);
    const YamlNode* processes = reader.find("processes");
    const YamlNode* nodes = reader.find("nodes");
    if (processes != nullptr) read_processes(*processes);
    if (nodes != nullptr) read_nodes(*nodes);
    if (processes != nullptr) check_processes(*processes);
    if (const YamlNode* leader = reader.find("leader")) read_leaders(*leader);
    reader.finish();
    return std::move(topology_);
  }

 private:
  std::string name_of(const YamlNode& node, const std::string& key) {
    const std::string text = scalar_text(node, key, problems_).value_or("");
    if (!text.empty() && !is_name(text)) {
      problems_.add(node, quote(text) + " is no name: lower-case letters, digits and '-', a " +
                              "letter first, at most 63");
    }
    return text;
  }

  void read_regions(const YamlNode& node) {
    const MapReader reader(node, "'regions'", problems_);
    for (const YamlNode& key : node.keys) topology_.regions.push_back(name_of(key, "region"));
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      if (node.items[i].kind == YamlKind::kNull) continue;
      const MapReader row(node.items[i], "a region", problems_);
      for (std::size_t j = 0; j < node.items[i].keys.size(); ++j) {
        read_delay(node.keys[i].text, node.items[i].keys[j], node.items[i].items[j]);
      }
    }
  }

  void read_delay(const std::string& from, const YamlNode& key, const YamlNode& value) {
    const std::string& to = key.text;
    if (!has_region(to)) {
      problems_.add(key, "unknown region " + quote(to) + suggestion(to, topology_.regions));
      return;
    }
    const std::optional<Duration> delay = scalar_duration(value, to, problems_);
    if (!delay) return;
    const auto back = topology_.delay.find({to, from});
    if (back != topology_.delay.end() && back->second != *delay) {
      problems_.add(value, quote(value.text) + " contradicts the other direction, which is " +
                               to_text(back->second));
      return;
    }
    topology_.delay[{from, to}] = *delay;
    topology_.delay[{to, from}] = *delay;
  }

  [[nodiscard]] bool has_region(const std::string& name) const {
    return std::find(topology_.regions.begin(), topology_.regions.end(), name) !=
           topology_.regions.end();
  }

  void read_nodes(const YamlNode& node) {
    const MapReader reader(node, "'nodes'", problems_);
    if (reader.is_map() && node.keys.empty()) problems_.add(node, "there is no node");
    if (node.keys.size() > kMaxNodes) {
      problems_.add(node, "more than " + std::to_string(kMaxNodes) + " nodes");
      return;
    }
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      MapReader one(node.items[i], "a node", problems_, kNodeKeys);
      NodeSpec spec;
      spec.name = NodeName(name_of(node.keys[i], "node"));
      spec.region = one.text("region");
      if (!spec.region.empty() && !has_region(spec.region)) {
        problems_.add(
            *find_key(node.items[i], "region"),
            "unknown region " + quote(spec.region) + suggestion(spec.region, topology_.regions));
      }
      read_run(one, spec);
      one.finish();
      topology_.nodes.push_back(std::move(spec));
    }
  }

  void read_run(MapReader& reader, NodeSpec& spec) {
    for (const std::string& name : reader.texts("run")) {
      const ProcessName process(name);
      const YamlNode& at = item_of(*find_key(reader.node(), "run"), name);
      if (find_process(topology_, process) == nullptr) {
        problems_.add(at, "unknown process " + quote(name) + suggestion(name, process_names()));
      } else if (std::find(spec.run.begin(), spec.run.end(), process) != spec.run.end()) {
        problems_.add(at, quote(name) + " runs here already");
      }
      spec.run.push_back(process);
    }
  }

  static const YamlNode& item_of(const YamlNode& list, const std::string& text) {
    for (const YamlNode& item : list.items) {
      if (item.text == text) return item;
    }
    return list;
  }

  [[nodiscard]] std::vector<std::string> process_names() const {
    std::vector<std::string> names;
    for (const ProcessSpec& process : topology_.processes) names.push_back(process.name.get());
    return names;
  }

  void read_processes(const YamlNode& node) {
    const MapReader reader(node, "'processes'", problems_);
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      MapReader one(node.items[i], "a process", problems_, kProcessSpecKeys);
      ProcessSpec spec;
      spec.name = ProcessName(name_of(node.keys[i], "process"));
      spec.role = one.text("role");
      if (spec.role.empty()) spec.role = spec.name.get();
      spec.command = one.texts("command");
      if (one.find("command") != nullptr && spec.command.empty()) {
        problems_.add(node.items[i], "'command' is empty");
      }
      if (const YamlNode* ready = one.find("ready")) spec.ready = read_ready(*ready);
      spec.env = text_map(one, "env");
      spec.files = text_map(one, "files");
      spec.restart = static_cast<Restart>(one.choice("restart"));
      spec.root = one.text("root");
      for (const std::string& name : one.texts("after")) spec.after.emplace_back(name);
      one.finish();
      topology_.processes.push_back(std::move(spec));
    }
  }

  ReadySpec read_ready(const YamlNode& node) {
    ReadySpec ready;
    MapReader reader(node, "'ready'", problems_, kReadyKeys);
    ready.http = reader.text("http");
    ready.tcp = reader.text("tcp");
    ready.log = reader.text("log");
    ready.within = reader.duration("within");
    (void)reader.one_of("ready");  // reports what is wrong
    if (ready.within > kMaxReady) problems_.add(node, "'within' is over the limit of 10m");
    if (const std::string what = pattern_problem(ready.log); !what.empty()) {
      problems_.add(*find_key(node, "log"), what);
    }
    reader.finish();
    return ready;
  }

  std::map<std::string, std::string> text_map(MapReader& reader, const std::string& key) {
    std::map<std::string, std::string> map;
    const YamlNode* node = reader.find(key);
    if (node == nullptr) return map;
    const MapReader inside(*node, quote(key), problems_);
    for (std::size_t i = 0; i < node->keys.size(); ++i) {
      const YamlNode& value = node->items[i];
      const bool is_text = value.kind == YamlKind::kScalar || value.kind == YamlKind::kNull;
      if (is_text) {
        map[node->keys[i].text] = value.text;
      } else {
        problems_.add(value, quote(node->keys[i].text) + " must be a text");
      }
    }
    return map;
  }

  // What needs to know the nodes: placeholders, the order of the starts, processes nobody runs.
  void check_processes(const YamlNode& node) {
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const YamlNode& one = node.items[i];
      for (const char* key : {"command", "env", "files"}) {
        if (const YamlNode* found = find_key(one, key)) check_placeholders(*found);
      }
      if (const YamlNode* ready = find_key(one, "ready")) {
        for (const char* key : {"http", "tcp"}) {
          if (const YamlNode* found = find_key(*ready, key)) check_placeholders(*found);
        }
      }
      check_after(one, ProcessName(node.keys[i].text));
      const bool is_run =
          std::any_of(topology_.nodes.begin(), topology_.nodes.end(), [&](const NodeSpec& spec) {
            return std::find(spec.run.begin(), spec.run.end(), ProcessName(node.keys[i].text)) !=
                   spec.run.end();
          });
      if (!is_run) problems_.add(node.keys[i], "no node runs " + quote(node.keys[i].text));
    }
  }

  void check_placeholders(const YamlNode& node) {
    for (const YamlNode& key : node.keys) check_placeholders(key);
    for (const YamlNode& item : node.items) check_placeholders(item);
    for (const PlaceholderProblem& problem : placeholder_problems(node.text, topology_)) {
      problems_.add(node, problem.what, problem.offset);
    }
  }

  void check_after(const YamlNode& node, const ProcessName& name) {
    const YamlNode* after = find_key(node, "after");
    if (after == nullptr) return;
    for (const YamlNode& item : after->items) {
      if (find_process(topology_, ProcessName(item.text)) == nullptr) {
        problems_.add(
            item, "unknown process " + quote(item.text) + suggestion(item.text, process_names()));
      }
    }
    std::set<ProcessName> seen;
    if (waits_for(name, name, seen)) problems_.add(*after, "these processes wait for each other");
  }

  [[nodiscard]] bool waits_for(const ProcessName& from, const ProcessName& target,
                               std::set<ProcessName>& seen) const {
    const ProcessSpec* spec = find_process(topology_, from);
    if (spec == nullptr) return false;
    for (const ProcessName& next : spec->after) {
      if (next == target) return true;
      if (seen.insert(next).second && waits_for(next, target, seen)) return true;
    }
    return false;
  }

  void read_leaders(const YamlNode& node) {
    const bool is_single = find_key(node, "http") != nullptr ||
                           find_key(node, "redis") != nullptr || find_key(node, "role") != nullptr;
    if (is_single) return read_leader(node, nullptr);
    const MapReader reader(node, "'leader'", problems_);
    for (std::size_t i = 0; i < node.keys.size(); ++i) read_leader(node.items[i], &node.keys[i]);
  }

  void read_leader(const YamlNode& node, const YamlNode* role) {
    LeaderSpec spec;
    MapReader reader(node, "'leader'", problems_,
                     role == nullptr ? kLeaderKeys : keys_of_role_leader());
    spec.role = role == nullptr ? reader.text("role") : role->text;
    if (role == nullptr && spec.role.empty()) spec.role = only_role();
    check_leader_role(role != nullptr ? *role : node, spec.role);
    spec.http = reader.text("http");
    spec.post = reader.text("post");
    spec.same = reader.texts("same");
    spec.redis = reader.texts("redis");
    spec.port = static_cast<int>(reader.integer("port"));
    spec.matches = reader.text("matches");
    reader.finish();
    if (reader.is_map()) check_leader(reader, spec);
    topology_.leaders.push_back(std::move(spec));
  }

  [[nodiscard]] std::vector<std::string> roles() const {
    std::set<std::string> unique;
    for (const ProcessSpec& process : topology_.processes) unique.insert(process.role);
    return {unique.begin(), unique.end()};
  }
  [[nodiscard]] std::string only_role() const {
    const std::vector<std::string> all = roles();
    return all.size() == 1 ? all[0] : "";
  }

  void check_leader_role(const YamlNode& at, const std::string& role) {
    const std::vector<std::string> all = roles();
    if (role.empty()) {
      problems_.add(at, "'leader' needs 'role': there is more than one role");
    } else if (std::find(all.begin(), all.end(), role) == all.end()) {
      problems_.add(at, "unknown role " + quote(role) + suggestion(role, all));
    }
  }

  void check_leader(MapReader& reader, const LeaderSpec& spec) {
    (void)reader.one_of("ask");  // reports what is wrong
    const YamlNode* redis = reader.find("redis");
    if (redis != nullptr && spec.redis.empty()) problems_.add(*redis, "'redis' is empty");
    if (redis != nullptr && spec.port == 0) problems_.add(reader.node(), "'redis' needs 'port'");
    const YamlNode* same = reader.find("same");
    if (same != nullptr && spec.same.size() != 2) {
      problems_.add(*same, "'same' needs two JSON paths");
    }
    (void)reader.one_of("answer");
    if (const std::string what = pattern_problem(spec.matches); !what.empty()) {
      problems_.add(*reader.find("matches"), what);
    }
    if (const YamlNode* http = reader.find("http")) check_placeholders(*http);
  }

  const YamlNode& root_;
  Problems& problems_;
  Topology topology_;
};

}  // namespace

std::string pattern_problem(const std::string& pattern) {
  const Result<Pattern> compiled = Pattern::compile(pattern);
  return compiled.ok() ? "" : compiled.error().what;
}

Topology read_topology(YamlNode root, const VariableValues& values, Problems& problems) {
  const std::map<std::string, std::string> variables = read_variables(root, values, problems);
  replace_variables(root, variables, problems);
  return TopologyReader(root, problems).read();
}

}  // namespace squall
