// The agent's configuration as JSON.
#include "agent/agent_config.h"

#include <nlohmann/json.hpp>

#include "base/files.h"

namespace squall {
namespace {

using Json = nlohmann::json;

constexpr int kMaxPort = 65535;

Result<std::string> text_of(const Json& object, const char* key, bool is_required) {
  const auto found = object.find(key);
  if (found == object.end()) {
    if (!is_required) return std::string();
    return Error{Errc::kInvalid, "'" + std::string(key) + "' is missing"};
  }
  if (!found->is_string() || (is_required && found->get<std::string>().empty())) {
    return Error{Errc::kInvalid, "'" + std::string(key) + "' is not a text"};
  }
  return found->get<std::string>();
}

Result<AgentConfig> parse(const std::string& text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return Error{Errc::kInvalid, "not a JSON object"};
  AgentConfig config;
  config.node = NodeName(TRY(text_of(json, "node", true)));
  config.socket = TRY(text_of(json, "socket", true));
  config.state_dir = TRY(text_of(json, "state_dir", true));
  config.cgroup_parent = TRY(text_of(json, "cgroup_parent", false));
  config.search_path = TRY(text_of(json, "search_path", false));
  if (const auto port = json.find("probe_port"); port != json.end()) {
    if (!port->is_number_integer() || *port < 1 || *port > kMaxPort) {
      return Error{Errc::kInvalid, "'probe_port' is not a port"};
    }
    config.probe_port = port->get<int>();
  }
  const Json nodes = json.value("nodes", Json::object());
  if (!nodes.is_object()) return Error{Errc::kInvalid, "'nodes' is not an object"};
  for (const auto& [name, node] : nodes.items()) {
    if (!node.is_object()) return Error{Errc::kInvalid, "node '" + name + "' is not an object"};
    config.nodes[name] = {TRY(text_of(node, "ipv4", false)), TRY(text_of(node, "ipv6", false))};
  }
  return config;
}

}  // namespace

Result<AgentConfig> read_agent_config(const std::string& path) {
  return parse(TRY(read_file(path))).in(path);
}

std::string to_json(const AgentConfig& config) {
  Json nodes = Json::object();
  for (const auto& [name, node] : config.nodes) {
    nodes[name] = {{"ipv4", node.ipv4}, {"ipv6", node.ipv6}};
  }
  const Json json = {{"node", config.node.get()},        {"socket", config.socket},
                     {"state_dir", config.state_dir},    {"nodes", nodes},
                     {"probe_port", config.probe_port},  {"cgroup_parent", config.cgroup_parent},
                     {"search_path", config.search_path}};
  return json.dump(2) + "\n";
}

}  // namespace squall
