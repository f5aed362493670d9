// What the server does, whichever protocol asks: the Open Inference Protocol's six operations, and
// the states in which it answers them.
#pragma once

#include <string>
#include <vector>

#include "reference/base/log.h"
#include "reference/server/engine_client.h"
#include "reference/server/infer_call.h"
#include "reference/server/log_budget.h"
#include "reference/server/model_store.h"

namespace squall::reference::server {

enum class HealthMode {
  kProgress,  // ready only while the engine makes progress
  kProcess,   // ready while this process lives, once its models were loaded
};

enum class RequestLog { kNone, kFailures, kAll };  // kFailures: and slow ones

struct ServicePlan {
  std::string name{};  // of this replica
  HealthMode health = HealthMode::kProgress;
  RequestLog log = RequestLog::kFailures;
  Duration slow = std::chrono::milliseconds(100);
  std::size_t max_batch = 8;
};

struct ModelMetadata {
  std::string name{};
  std::vector<std::string> versions{};  // that are ready
  ModelSignature signature{};
};

inline constexpr std::string_view kServerName = "squall-model-server";
inline constexpr std::string_view kPlatform = "opencv_onnx";

// Loop thread only.
class InferenceService {
 public:
  InferenceService(const Clock& clock, Log& log, const ModelStore& store,
                   const EngineClient& engine, ServicePlan plan);

  [[nodiscard]] bool is_ready() const;
  [[nodiscard]] Outcome<bool> is_model_ready(const std::string& model,
                                             const std::string& version) const;
  [[nodiscard]] Outcome<ModelMetadata> metadata(const std::string& model,
                                                const std::string& version) const;
  // `done` may run inside the call.
  void infer(InferCall call, InferDone done);

  // Not ready any more; still infers.
  void begin_drain() { is_draining_ = true; }
  // Refuses to infer; what was admitted is finished.
  void refuse() { is_refusing_ = true; }
  [[nodiscard]] std::size_t pending() const { return pending_; }
  // Calls back once nothing is pending, now or later.
  void when_idle(std::function<void()> idle);
  // The store's: a change of what is ready.
  void on_store_change();

  [[nodiscard]] const std::string& name() const { return plan_.name; }
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  struct Admitted {
    std::shared_ptr<ServedVersion> version{};
    Matrix matrix{};
  };
  [[nodiscard]] Outcome<Admitted> admit(InferCall& call) const;
  [[nodiscard]] bool is_serving() const;
  void tell(const InferCall& call, MonoTime arrival, const Outcome<InferAnswer>& outcome);

  const Clock& clock_;
  Log& log_;
  const ModelStore& store_;
  const EngineClient& engine_;
  ServicePlan plan_;
  LogBudget budget_;
  bool was_ready_ = false;  // once all models had been loaded
  bool is_draining_ = false;
  bool is_refusing_ = false;
  std::size_t pending_ = 0;
  std::function<void()> on_idle_{};
};

}  // namespace squall::reference::server
