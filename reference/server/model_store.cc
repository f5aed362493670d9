// Repository → engine → ready.
#include "reference/server/model_store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/nearest.h"
#include "reference/models/repository_layout.h"
#include "reference/server/repository_scan.h"

namespace squall::reference::server {
namespace {

Failure not_found(const std::string& what) {
  return Failure{FailureKind::kNotFound, what};
}

std::string version_text(std::int64_t version) {
  return std::to_string(version);
}

}  // namespace

ModelStore::ModelStore(Loop& loop, const Clock& clock, Log& log, Metrics& metrics,
                       EngineClient& engine, ModelStorePlan plan)
    : loop_(loop),
      clock_(clock),
      log_(log),
      metrics_(metrics),
      engine_(engine),
      plan_(std::move(plan)) {}

void ModelStore::refresh() {
  if (!engine_.is_connected()) return;
  const Result<RepositoryScan> scan = scan_repository(plan_.repository);
  if (!scan.ok()) {
    if (!std::exchange(is_listing_bad_, true)) {
      log_.error("repository unreadable", {{"cause", scan.error().what}});
    }
    return;
  }
  is_listing_bad_ = false;
  for (const auto& [model, stamps] : *scan) refresh_model(model, stamps);
  const auto gone = std::erase_if(
      models_, [&](const auto& model) { return scan->find(model.first) == scan->end(); });
  if (gone > 0) change();
}

void ModelStore::refresh_model(const std::string& model,
                               const std::map<std::int64_t, std::string>& stamps) {
  Versions& versions = models_[model];
  const auto gone = std::erase_if(versions, [&](const auto& version) {
    if (stamps.find(version.first) != stamps.end()) return false;
    log_.info("version removed",
              {{"model", model}, {"model_version", version_text(version.first)}});
    return true;
  });
  for (const auto& [number, stamp] : stamps) {
    Version& version = versions[number];
    if (std::exchange(version.stamp, stamp) != stamp) read(model, number);
  }
  if (gone > 0) change();
}

void ModelStore::read(const std::string& model, std::int64_t number) {
  const std::string folder = plan_.repository + "/" + model + "/" + version_text(number);
  Result<std::string> onnx = read_version(folder);
  if (!onnx.ok()) return fail(model, number, onnx.error());
  const Result<ModelSignature> signature = read_signature(*onnx);
  if (!signature.ok()) return fail(model, number, signature.error());
  const Result<> checked = check_signature(*signature);
  if (!checked.ok()) return fail(model, number, checked.error());
  load(model, number, std::make_shared<const std::string>(std::move(onnx).value()), *signature);
}

void ModelStore::load(const std::string& model, std::int64_t number,
                      std::shared_ptr<const std::string> onnx, const ModelSignature& signature) {
  ++loading_;
  const std::uint32_t slot = ++last_slot_;
  const std::string& bytes = *onnx;
  const auto accept = [this, model, number, slot, onnx, signature](Version& version) {
    version.onnx = onnx;
    version.signature = signature;
    version.served = std::make_shared<ServedVersion>(loop_, clock_, engine_, metrics_,
                                                     ServedVersionPlan{.model = model,
                                                                       .version = number,
                                                                       .slot = slot,
                                                                       .signature = signature,
                                                                       .limits = plan_.limits});
  };
  engine_.load(slot, bytes, [this, model, number, accept](const Result<>& result) {
    on_loaded(model, number, result, accept);
  });
}

void ModelStore::on_loaded(const std::string& model, std::int64_t number, const Result<>& result,
                           const std::function<void(Version&)>& accept) {
  --loading_;
  Versions& versions = models_[model];
  const auto at = versions.find(number);
  if (at == versions.end()) return change();  // removed meanwhile
  if (result.ok()) {
    accept(at->second);
    log_.info("version ready", {{"model", model}, {"model_version", version_text(number)}});
  } else if (result.error().code == Errc::kAborted) {
    at->second.stamp.clear();  // the engine went away; tried again when it is back
  } else {
    fail(model, number, result.error());
  }
  change();
}

void ModelStore::fail(const std::string& model, std::int64_t number, const Error& error) {
  metrics_
      .counter("model_server_load_failures_total", "Versions that could not be loaded.",
               {{"model", model}, {"version", version_text(number)}})
      .add();
  const bool has_old = models_[model][number].served != nullptr;
  log_.error("load failed", {{"model", model},
                             {"model_version", version_text(number)},
                             {"cause", error.what},
                             {"old_one_stays", has_old}});
}

void ModelStore::change() {
  if (plan_.on_change) plan_.on_change();
}

void ModelStore::on_engine_connected() {
  for (const auto& [model, versions] : models_) {
    for (const auto& [number, version] : versions) {
      if (version.onnx) load(model, number, version.onnx, version.signature);
    }
  }
  refresh();
}

void ModelStore::on_engine_disconnected() {
  for (auto& [model, versions] : models_) {
    for (auto& [number, version] : versions) version.served.reset();
  }
  change();
}

Outcome<const ModelStore::Versions*> ModelStore::versions_of(const std::string& model) const {
  const auto at = models_.find(model);
  if (at != models_.end()) return &at->second;
  std::vector<std::string> names;
  for (const auto& [name, versions] : models_) names.push_back(name);
  return not_found("model '" + model + "' is not known" + suggestion(model, names));
}

Outcome<std::shared_ptr<ServedVersion>> ModelStore::find(const std::string& model,
                                                         const std::string& version) const {
  const Outcome<const Versions*> found = versions_of(model);
  if (const auto* const failure = std::get_if<Failure>(&found)) return *failure;
  const Versions& versions = **std::get_if<const Versions*>(&found);
  if (version.empty()) {
    const auto best = std::find_if(versions.rbegin(), versions.rend(),
                                   [](const auto& row) { return row.second.served != nullptr; });
    if (best != versions.rend()) return best->second.served;
    return Failure{FailureKind::kUnavailable, "no version of model '" + model + "' is ready"};
  }
  const std::optional<std::int64_t> number = parse_version(version);
  const auto at = number ? versions.find(*number) : versions.end();
  if (at == versions.end()) {
    std::vector<std::string> names;
    for (const auto& [known, row] : versions) names.push_back(version_text(known));
    return not_found("model '" + model + "' has no version '" + version + "'" +
                     suggestion(version, names));
  }
  if (at->second.served) return at->second.served;
  return Failure{FailureKind::kUnavailable,
                 "version " + version + " of model '" + model + "' is not ready"};
}

Outcome<bool> ModelStore::is_ready(const std::string& model, const std::string& version) const {
  const Outcome<std::shared_ptr<ServedVersion>> found = find(model, version);
  const auto* const failure = std::get_if<Failure>(&found);
  if (failure == nullptr) return true;
  if (failure->kind == FailureKind::kUnavailable) return false;
  return *failure;
}

bool ModelStore::is_all_ready() const {
  const auto has_ready = [](const auto& model) {
    return std::any_of(model.second.begin(), model.second.end(),
                       [](const auto& row) { return row.second.served != nullptr; });
  };
  return !models_.empty() && std::all_of(models_.begin(), models_.end(), has_ready);
}

std::map<std::string, std::vector<std::string>> ModelStore::ready() const {
  std::map<std::string, std::vector<std::string>> result;
  for (const auto& [model, versions] : models_) {
    for (const auto& [number, version] : versions) {
      if (version.served) result[model].push_back(version_text(number));
    }
  }
  return result;
}

}  // namespace squall::reference::server
