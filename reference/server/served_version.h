// One version of a model that is loaded in the engine: its queue, its batches, its metrics.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "reference/base/loop.h"
#include "reference/models/signature.h"
#include "reference/server/batcher_core.h"
#include "reference/server/engine_client.h"
#include "reference/server/infer_call.h"
#include "reference/server/version_metrics.h"

namespace squall::reference::server {

struct ServedVersionPlan {
  std::string model{};
  std::int64_t version = 0;
  std::uint32_t slot = 0;  // in the engine; unloaded when the last call has been answered
  ModelSignature signature{};
  BatchLimits limits{};
};

// Loop thread only.  Calls under way keep it alive, so a version that is replaced or removed
// answers what it has admitted.
class ServedVersion : public std::enable_shared_from_this<ServedVersion> {
 public:
  ServedVersion(Loop& loop, const Clock& clock, EngineClient& engine, Metrics& metrics,
                ServedVersionPlan plan);
  ~ServedVersion();
  ServedVersion(const ServedVersion&) = delete;
  ServedVersion& operator=(const ServedVersion&) = delete;

  [[nodiscard]] const ServedVersionPlan& plan() const { return plan_; }
  // The matrix has the signature's width and 1 to max_batch rows.
  void infer(Matrix matrix, std::optional<MonoTime> deadline,
             std::function<void(Outcome<Matrix>)> done);
  // Admitted and not answered.
  [[nodiscard]] std::size_t pending() const { return waiting_.size(); }

 private:
  struct Waiting {
    Matrix matrix{};
    std::function<void(Outcome<Matrix>)> done{};
    MonoTime since{};
  };
  void step();
  void execute(const Batch& batch);
  void on_executed(const Batch& batch, MonoTime sent, Duration assembling,
                   const Result<InferredBody>& result);
  void answer(CallNumber number, Outcome<Matrix> outcome);

  const Clock& clock_;
  EngineClient& engine_;
  ServedVersionPlan plan_;
  VersionMetrics metrics_;
  BatcherCore batcher_;
  Timer timer_;
  CallNumber last_call_ = 0;
  std::map<CallNumber, Waiting> waiting_{};
  std::shared_ptr<ServedVersion> keep_{};  // ourselves, while a call waits
};

}  // namespace squall::reference::server
