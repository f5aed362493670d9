// Two tables and a closure.
#include "checker/txn/models.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"

namespace squall {
namespace {

constexpr std::array kModels = {
    std::string_view("read-uncommitted"),
    std::string_view("strong-session-read-uncommitted"),
    std::string_view("strong-read-uncommitted"),
    std::string_view("read-committed"),
    std::string_view("strong-session-read-committed"),
    std::string_view("strong-read-committed"),
    std::string_view("monotonic-view"),
    std::string_view("monotonic-atomic-view"),
    std::string_view("monotonic-snapshot-read"),
    std::string_view("cursor-stability"),
    std::string_view("read-atomic"),
    std::string_view("causal-cerone"),
    std::string_view("update-atomic"),
    std::string_view("parallel-snapshot-isolation"),
    std::string_view("prefix"),
    std::string_view("consistent-view"),
    std::string_view("forward-consistent-view"),
    std::string_view("repeatable-read"),
    std::string_view("update-serializable"),
    std::string_view("snapshot-isolation"),
    std::string_view("strong-session-snapshot-isolation"),
    std::string_view("strong-snapshot-isolation"),
    std::string_view("serializable"),
    std::string_view("strong-session-serializable"),
    std::string_view("strong-serializable"),
};

// Weaker, stronger.
constexpr std::pair<std::string_view, std::string_view> kImplied[] = {
    {"read-uncommitted", "strong-session-read-uncommitted"},
    {"read-uncommitted", "read-committed"},
    {"strong-session-read-uncommitted", "strong-read-uncommitted"},
    {"strong-session-read-uncommitted", "strong-session-read-committed"},
    {"strong-read-uncommitted", "strong-read-committed"},
    {"read-committed", "strong-session-read-committed"},
    {"read-committed", "monotonic-view"},
    {"read-committed", "monotonic-atomic-view"},
    {"read-committed", "cursor-stability"},
    {"read-committed", "read-atomic"},
    {"strong-session-read-committed", "strong-read-committed"},
    {"strong-session-read-committed", "strong-session-snapshot-isolation"},
    {"strong-read-committed", "strong-snapshot-isolation"},
    {"monotonic-view", "monotonic-snapshot-read"},
    {"monotonic-atomic-view", "repeatable-read"},
    {"monotonic-atomic-view", "read-atomic"},
    {"monotonic-snapshot-read", "consistent-view"},
    {"cursor-stability", "consistent-view"},
    {"cursor-stability", "repeatable-read"},
    {"read-atomic", "causal-cerone"},
    {"read-atomic", "update-atomic"},
    {"causal-cerone", "parallel-snapshot-isolation"},
    {"causal-cerone", "prefix"},
    {"update-atomic", "parallel-snapshot-isolation"},
    {"update-atomic", "consistent-view"},
    {"parallel-snapshot-isolation", "snapshot-isolation"},
    {"prefix", "snapshot-isolation"},
    {"consistent-view", "forward-consistent-view"},
    {"consistent-view", "update-serializable"},
    {"forward-consistent-view", "snapshot-isolation"},
    {"repeatable-read", "serializable"},
    {"update-serializable", "serializable"},
    {"snapshot-isolation", "serializable"},
    {"snapshot-isolation", "strong-session-snapshot-isolation"},
    {"strong-session-snapshot-isolation", "strong-snapshot-isolation"},
    {"strong-session-snapshot-isolation", "strong-session-serializable"},
    {"strong-snapshot-isolation", "strong-serializable"},
    {"serializable", "strong-session-serializable"},
    {"strong-session-serializable", "strong-serializable"},
};

// Anomaly, a weakest model that forbids it.
constexpr std::pair<std::string_view, std::string_view> kForbidden[] = {
    {"G0", "read-uncommitted"},
    {"G0-process", "strong-session-read-uncommitted"},
    {"G0-realtime", "strong-read-uncommitted"},
    {"duplicate-elements", "read-uncommitted"},
    {"cyclic-versions", "read-uncommitted"},
    {"unwritten-read", "read-uncommitted"},
    {"G1a", "read-committed"},
    {"G1b", "read-committed"},
    {"G1c", "read-committed"},
    {"G1c-process", "strong-session-read-committed"},
    {"G1c-realtime", "strong-read-committed"},
    {"dirty-update", "read-committed"},
    {"future-read", "read-committed"},
    {"incompatible-order", "read-committed"},
    {"internal", "read-atomic"},
    {"fractured-read", "read-atomic"},
    {"causality-violation", "causal-cerone"},
    {"lost-update", "cursor-stability"},
    {"lost-update", "update-atomic"},
    {"G-single-item", "consistent-view"},
    {"G-single-item", "repeatable-read"},
    {"G-single-item-process", "strong-session-snapshot-isolation"},
    {"G-single-item-realtime", "strong-snapshot-isolation"},
    {"G-nonadjacent-item", "snapshot-isolation"},
    {"G-nonadjacent-item", "repeatable-read"},
    {"G-nonadjacent-item-process", "strong-session-snapshot-isolation"},
    {"G-nonadjacent-item-realtime", "strong-snapshot-isolation"},
    {"G2-item", "repeatable-read"},
    {"G2-item-process", "strong-session-serializable"},
    {"G2-item-realtime", "strong-serializable"},
};

using Closure = std::array<ModelSet, kModels.size()>;

std::size_t index_of(std::string_view name) {
  const auto found = std::find(kModels.begin(), kModels.end(), name);
  CHECK(found != kModels.end());
  return static_cast<std::size_t>(found - kModels.begin());
}

Closure close() {
  Closure up{};
  for (std::size_t i = 0; i < up.size(); ++i) up[i] = ModelSet{1} << i;
  for (std::size_t round = 0; round < up.size(); ++round) {
    for (const auto& [weaker, stronger] : kImplied) up[index_of(weaker)] |= up[index_of(stronger)];
  }
  return up;
}

const Closure& closure() {
  static const Closure kUp = close();
  return kUp;
}

}  // namespace

std::span<const std::string_view> isolation_models() {
  return kModels;
}

std::optional<std::size_t> find_isolation_model(std::string_view name) {
  if (name == "causal") name = "causal-cerone";
  if (name == "strict-serializable") name = "strong-serializable";
  const auto found = std::find(kModels.begin(), kModels.end(), name);
  if (found == kModels.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kModels.begin());
}

std::string model_choices() {
  std::string choices = "strict-serializable|causal";
  for (const std::string_view model : kModels) choices += "|" + std::string(model);
  return choices;
}

ModelSet at_least(std::size_t model) {
  return closure()[model];
}

ModelSet ruled_out_by(std::string_view anomaly) {
  ModelSet out = 0;
  for (const auto& [name, model] : kForbidden) {
    if (name == anomaly) out |= closure()[index_of(model)];
  }
  CHECK(out != 0);
  return out;
}

std::vector<std::string_view> anomaly_names() {
  std::vector<std::string_view> names;
  for (const auto& [name, model] : kForbidden) {
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

std::vector<std::string_view> weakest(ModelSet set) {
  std::vector<std::string_view> found;
  for (std::size_t i = 0; i < kModels.size(); ++i) {
    if ((set >> i & 1U) == 0) continue;
    bool is_implied = false;
    for (std::size_t j = 0; j < kModels.size(); ++j) {
      is_implied |= j != i && (set >> j & 1U) != 0 && (closure()[j] >> i & 1U) != 0;
    }
    if (!is_implied) found.push_back(kModels[i]);
  }
  return found;
}

std::vector<std::string_view> strongest(ModelSet set) {
  std::vector<std::string_view> found;
  for (std::size_t i = 0; i < kModels.size(); ++i) {
    const ModelSet above = closure()[i] & ~(ModelSet{1} << i);
    if ((set >> i & 1U) != 0 && (above & set) == 0) found.push_back(kModels[i]);
  }
  return found;
}

ModelSet all_models() {
  return (ModelSet{1} << kModels.size()) - 1;
}

}  // namespace squall
