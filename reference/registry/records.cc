// JSON of the registry's values.
#include "reference/registry/records.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace squall::reference {
namespace {

using nlohmann::json;

constexpr std::string_view kModels = "models/";
constexpr std::string_view kReplicas = "replicas/";
constexpr std::string_view kConfig = "/config";

Error bad(std::string_view what, const char* name, std::string_view text) {
  return {Errc::kInvalid, std::string(what) + ": '" + name + "' is missing or wrong in '" +
                              std::string(text.substr(0, 200)) + "'"};
}

std::string text_or(const json& object, const char* name, const std::string& fallback) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : fallback;
}

}  // namespace

Result<ModelConfig> parse_model_config(std::string_view text) {
  const json value = json::parse(text, nullptr, false);
  const char* const what = "configuration of a model";
  if (!value.is_object()) return bad(what, "{…}", text);
  ModelConfig config{.epoch = 0, .stable = text_or(value, "stable", "")};
  const json epoch = value.value("epoch", json());
  if (!epoch.is_number_integer() || epoch.get<std::int64_t>() < 1) return bad(what, "epoch", text);
  config.epoch = epoch.get<std::int64_t>();
  if (config.stable.empty()) return bad(what, "stable", text);
  config.canary = text_or(value, "canary", "");
  const json percent = value.value("canary_percent", json(0));
  if (!percent.is_number()) return bad(what, "canary_percent", text);
  config.canary_percent = percent.get<double>();
  const bool is_share = config.canary_percent >= 0 && config.canary_percent <= 100;
  if (!is_share || (config.canary_percent > 0 && config.canary.empty())) {
    return bad(what, "canary_percent", text);
  }
  const json activate = value.value("activate_unix_ms", json(0));
  if (!activate.is_number_integer()) return bad(what, "activate_unix_ms", text);
  config.activate = {std::chrono::milliseconds(activate.get<std::int64_t>())};
  return config;
}

std::string to_json(const ModelConfig& config) {
  const auto millis = duration_cast<std::chrono::milliseconds>(config.activate.since_epoch);
  return json{{"epoch", config.epoch},
              {"stable", config.stable},
              {"canary", config.canary},
              {"canary_percent", config.canary_percent},
              {"activate_unix_ms", millis.count()}}
      .dump();
}

std::string config_key(std::string_view model) {
  std::string key(kRegistryPrefix);
  return key.append(kModels).append(model).append(kConfig);
}

bool ReplicaRecord::has(std::string_view model, std::string_view version) const {
  const auto found = models.find(model);
  if (found == models.end()) return false;
  return std::find(found->second.begin(), found->second.end(), version) != found->second.end();
}

Result<ReplicaRecord> parse_replica(std::string name, std::string_view text) {
  const json value = json::parse(text, nullptr, false);
  const std::string what = "replica '" + name + "'";
  if (!value.is_object()) return bad(what, "{…}", text);
  ReplicaRecord replica{.name = std::move(name), .http{}};
  replica.http = TRY(parse_endpoint(text_or(value, "http", "")).in(what + ": 'http'"));
  replica.region = text_or(value, "region", "");
  const json models = value.value("models", json());
  if (!models.is_object()) return bad(what, "models", text);
  for (const auto& [model, versions] : models.items()) {
    if (!versions.is_array()) return bad(what, "models", text);
    std::vector<std::string>& known = replica.models[model];
    for (const json& version : versions) {
      if (!version.is_string()) return bad(what, "models", text);
      known.push_back(version.get<std::string>());
    }
  }
  return replica;
}

RegistryKey parse_registry_key(std::string_view key) {
  if (!key.starts_with(kRegistryPrefix)) return {};
  key.remove_prefix(kRegistryPrefix.size());
  if (key.starts_with(kReplicas)) return RegistryKey{"", std::string(key.substr(kReplicas.size()))};
  if (!key.starts_with(kModels) || !key.ends_with(kConfig)) return {};
  key.remove_prefix(kModels.size());
  if (key.size() <= kConfig.size()) return {};
  key.remove_suffix(kConfig.size());
  return RegistryKey{std::string(key), ""};
}

}  // namespace squall::reference
