// The models that the server has: read from the repository, loaded into the engine, replaced when
// the repository changes, loaded again when the engine comes back.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "reference/base/log.h"
#include "reference/base/loop.h"
#include "reference/base/metrics.h"
#include "reference/server/engine_client.h"
#include "reference/server/served_version.h"

namespace squall::reference::server {

struct ModelStorePlan {
  std::string repository{};
  BatchLimits limits{};
  std::function<void()> on_change{};  // a version became ready, or is no longer
};

// Loop thread only.
//
// A version is served only if its files have their digest and the engine has loaded it.  While a
// replacement is bad, the old one stays.
class ModelStore {
 public:
  ModelStore(Loop& loop, const Clock& clock, Log& log, Metrics& metrics, EngineClient& engine,
             ModelStorePlan plan);

  // Looks at the repository now and begins what is to be done.
  void refresh();
  // From the engine client.
  void on_engine_connected();
  void on_engine_disconnected();

  // kNotFound names what is there; kUnavailable: known, not loaded now.  "": the highest version
  // that is ready.
  [[nodiscard]] Outcome<std::shared_ptr<ServedVersion>> find(const std::string& model,
                                                             const std::string& version) const;
  // kNotFound as above.
  [[nodiscard]] Outcome<bool> is_ready(const std::string& model, const std::string& version) const;
  // Every model has a version that is ready, and there is a model.
  [[nodiscard]] bool is_all_ready() const;
  // All loads that were begun have ended.
  [[nodiscard]] bool is_settled() const { return loading_ == 0; }
  // Model → versions that are ready, ascending.
  [[nodiscard]] std::map<std::string, std::vector<std::string>> ready() const;

 private:
  struct Version {
    std::string stamp{};                        // of the files that were tried last
    std::shared_ptr<const std::string> onnx{};  // that was loaded last
    ModelSignature signature{};
    std::shared_ptr<ServedVersion> served{};  // empty: not ready
  };
  using Versions = std::map<std::int64_t, Version>;

  void refresh_model(const std::string& model, const std::map<std::int64_t, std::string>& stamps);
  void read(const std::string& model, std::int64_t number);
  void load(const std::string& model, std::int64_t number, std::shared_ptr<const std::string> onnx,
            const ModelSignature& signature);
  void on_loaded(const std::string& model, std::int64_t number, const Result<>& result,
                 const std::function<void(Version&)>& accept);
  void fail(const std::string& model, std::int64_t number, const Error& error);
  void change();
  [[nodiscard]] Outcome<const Versions*> versions_of(const std::string& model) const;

  Loop& loop_;
  const Clock& clock_;
  Log& log_;
  Metrics& metrics_;
  EngineClient& engine_;
  ModelStorePlan plan_;
  std::map<std::string, Versions> models_{};
  std::uint32_t last_slot_ = 0;
  std::size_t loading_ = 0;
  bool is_listing_bad_ = false;
};

}  // namespace squall::reference::server
