// The configuration of a client as JSON.
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "workload/client.h"

namespace squall {
namespace {

using nlohmann::json;

json nodes_json(const std::vector<EndpointAddress>& nodes) {
  json list = json::array();
  for (const EndpointAddress& node : nodes) {
    list.push_back(
        {{"node", node.node}, {"ipv4", node.ipv4}, {"ipv6", node.ipv6}, {"region", node.region}});
  }
  return list;
}

// Reads members of one object and remembers the first that is wrong.
class Reader {
 public:
  explicit Reader(const json& object) : object_(object) {}

  template <typename T>
  void member(const char* name, bool (json::*is_type)() const noexcept, T& into) {
    const auto found = object_.find(name);
    if (found == object_.end() || !((*found).*is_type)()) {
      if (wrong_.empty()) wrong_ = name;
      return;
    }
    into = found->get<T>();
  }
  const json* list(const char* name) {
    const auto found = object_.find(name);
    if (found != object_.end() && found->is_array()) return &*found;
    if (wrong_.empty()) wrong_ = name;
    return nullptr;
  }
  void reject(const char* name) { wrong_ = wrong_.empty() ? name : wrong_; }
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 private:
  const json& object_;
  std::string wrong_{};
};

void read_nodes(Reader& reader, const char* name, std::vector<EndpointAddress>& into) {
  const json* list = reader.list(name);
  if (list == nullptr) return;
  for (const json& item : *list) {
    EndpointAddress node{};
    Reader members(item);
    members.member("node", &json::is_string, node.node);
    members.member("ipv4", &json::is_string, node.ipv4);
    members.member("ipv6", &json::is_string, node.ipv6);
    members.member("region", &json::is_string, node.region);
    if (!members.wrong().empty()) reader.reject(name);
    into.push_back(std::move(node));
  }
}

void read_processes(Reader& reader, std::vector<std::int64_t>& into) {
  const json* list = reader.list("processes");
  if (list == nullptr) return;
  for (const json& item : *list) {
    if (!item.is_number_integer()) return reader.reject("processes");
    into.push_back(item.get<std::int64_t>());
  }
}

void read_params(Reader& reader, const json& object, std::map<std::string, std::string>& into) {
  const auto found = object.find("params");
  if (found == object.end() || !found->is_object()) return reader.reject("params");
  for (const auto& [name, value] : found->items()) {
    if (!value.is_string()) return reader.reject("params");
    into[name] = value.get<std::string>();
  }
}

}  // namespace

std::string to_json(const ClientConfig& config) {
  return json{{"name", config.name},
              {"kind", config.kind},
              {"node", config.node},
              {"processes", config.processes},
              {"process_count", config.process_count},
              {"seed", config.seed},
              {"endpoints", nodes_json(config.endpoints)},
              {"all_nodes", nodes_json(config.all_nodes)},
              {"ring", config.ring},
              {"params", config.params}}
      .dump(2);
}

Result<ClientConfig> read_client_config(const std::string& path) {
  const std::string text = TRY(read_file(path));
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return Error{Errc::kInvalid, path + ": not a JSON object"};
  ClientConfig config{};
  Reader reader(object);
  reader.member("name", &json::is_string, config.name);
  reader.member("kind", &json::is_string, config.kind);
  reader.member("node", &json::is_string, config.node);
  read_processes(reader, config.processes);
  reader.member("process_count", &json::is_number_integer, config.process_count);
  reader.member("seed", &json::is_number_unsigned, config.seed);
  read_nodes(reader, "endpoints", config.endpoints);
  read_nodes(reader, "all_nodes", config.all_nodes);
  reader.member("ring", &json::is_string, config.ring);
  read_params(reader, object, config.params);
  if (!reader.wrong().empty()) {
    return Error{Errc::kInvalid, path + ": '" + reader.wrong() + "' is missing or wrong"};
  }
  return config;
}

}  // namespace squall
