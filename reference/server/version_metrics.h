// The metrics of one version of a model, under the names that Triton gave them.
#pragma once

#include <string>

#include "base/time.h"
#include "reference/base/metrics.h"
#include "reference/server/infer_call.h"

namespace squall::reference::server {

class VersionMetrics {
 public:
  VersionMetrics(Metrics& metrics, const std::string& model, const std::string& version);

  // A call was answered; `whole` is from its arrival.
  void on_success(std::size_t rows, Duration whole);
  void on_failure(FailureKind kind, bool is_rejection, Duration whole);
  void on_queued(Duration waited) { queue_us_.add(to_us(waited)); }
  // The engine ran a batch: `assembling` before, `computing` in the engine, `rest` the way there
  // and back and taking apart.
  void on_executed(Duration assembling, Duration computing, Duration rest);
  void set_pending(std::size_t calls) { pending_.set(static_cast<double>(calls)); }

 private:
  [[nodiscard]] static std::uint64_t to_us(Duration duration);

  Counter& success_;
  Counter& rejected_;
  Counter& canceled_;
  Counter& backend_;
  Counter& other_;
  Counter& count_;
  Counter& executions_;
  Gauge& pending_;
  Counter& request_us_;
  Counter& queue_us_;
  Counter& input_us_;
  Counter& infer_us_;
  Counter& output_us_;
};

}  // namespace squall::reference::server
