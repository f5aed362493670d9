// What the gateway reads from the registry: configurations of models, and replicas.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "reference/base/endpoint.h"

namespace squall::reference {

inline constexpr std::string_view kRegistryPrefix = "/squall-ref/";

// /squall-ref/models/<model>/config
struct ModelConfig {
  std::int64_t epoch = 0;  // from 1; higher replaces lower
  std::string stable;      // a version
  std::string canary{};    // "": none
  double canary_percent = 0;
  WallTime activate{};  // zero: at once

  friend bool operator==(const ModelConfig&, const ModelConfig&) = default;
};
[[nodiscard]] Result<ModelConfig> parse_model_config(std::string_view text);
[[nodiscard]] std::string to_json(const ModelConfig& config);
[[nodiscard]] std::string config_key(std::string_view model);

// /squall-ref/replicas/<name>
struct ReplicaRecord {
  std::string name;
  Endpoint http;
  std::string region{};
  std::map<std::string, std::vector<std::string>, std::less<>> models{};  // versions loaded

  [[nodiscard]] bool has_model(std::string_view model) const { return models.contains(model); }
  [[nodiscard]] bool has(std::string_view model, std::string_view version) const;
  friend bool operator==(const ReplicaRecord&, const ReplicaRecord&) = default;
};
[[nodiscard]] Result<ReplicaRecord> parse_replica(std::string name, std::string_view text);

// What a key names; both empty: nothing that a gateway knows.
struct RegistryKey {
  std::string model;    // of a configuration
  std::string replica;  // of a replica

  friend bool operator==(const RegistryKey&, const RegistryKey&) = default;
};
[[nodiscard]] RegistryKey parse_registry_key(std::string_view key);

}  // namespace squall::reference
