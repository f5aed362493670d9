// Names, helps and labels.
#include "reference/server/version_metrics.h"

namespace squall::reference::server {
namespace {

Counter& failure(Metrics& metrics, const Labels& labels, const std::string& reason) {
  Labels with_reason = labels;
  with_reason.emplace_back("reason", reason);
  return metrics.counter("nv_inference_request_failure",
                         "Inference requests that failed, by reason.", with_reason);
}

Labels labels_of(const std::string& model, const std::string& version) {
  return {{"model", model}, {"version", version}};
}

}  // namespace

VersionMetrics::VersionMetrics(Metrics& metrics, const std::string& model,
                               const std::string& version)
    : success_(metrics.counter("nv_inference_request_success", "Inference requests answered.",
                               labels_of(model, version))),
      rejected_(failure(metrics, labels_of(model, version), "REJECTED")),
      canceled_(failure(metrics, labels_of(model, version), "CANCELED")),
      backend_(failure(metrics, labels_of(model, version), "BACKEND")),
      other_(failure(metrics, labels_of(model, version), "OTHER")),
      count_(metrics.counter("nv_inference_count", "Rows inferred (batch 8 counts 8).",
                             labels_of(model, version))),
      executions_(metrics.counter("nv_inference_exec_count", "Batches that the engine ran.",
                                  labels_of(model, version))),
      pending_(metrics.gauge("nv_inference_pending_request_count",
                             "Requests that wait for the engine.", labels_of(model, version))),
      request_us_(metrics.counter("nv_inference_request_duration_us",
                                  "Time from arrival to answer, summed, in microseconds.",
                                  labels_of(model, version))),
      queue_us_(metrics.counter("nv_inference_queue_duration_us",
                                "Time in the queue, summed, in microseconds.",
                                labels_of(model, version))),
      input_us_(metrics.counter("nv_inference_compute_input_duration_us",
                                "Time to put batches together, summed, in microseconds.",
                                labels_of(model, version))),
      infer_us_(metrics.counter("nv_inference_compute_infer_duration_us",
                                "Time the engine computed, summed, in microseconds.",
                                labels_of(model, version))),
      output_us_(metrics.counter(
          "nv_inference_compute_output_duration_us",
          "Time between engine and server and to take batches apart, summed, in microseconds.",
          labels_of(model, version))) {}

std::uint64_t VersionMetrics::to_us(Duration duration) {
  const std::int64_t us = duration_cast<std::chrono::microseconds>(duration).count();
  return us < 0 ? 0 : static_cast<std::uint64_t>(us);
}

void VersionMetrics::on_success(std::size_t rows, Duration whole) {
  success_.add();
  count_.add(rows);
  request_us_.add(to_us(whole));
}

void VersionMetrics::on_failure(FailureKind kind, bool is_rejection, Duration whole) {
  request_us_.add(to_us(whole));
  if (is_rejection) return rejected_.add();
  switch (kind) {
    case FailureKind::kDeadline:
      return canceled_.add();
    case FailureKind::kUnavailable:
    case FailureKind::kInternal:
      return backend_.add();
    case FailureKind::kInvalid:
    case FailureKind::kNotFound:
    case FailureKind::kUnsupported:
      return other_.add();
  }
}

void VersionMetrics::on_executed(Duration assembling, Duration computing, Duration rest) {
  executions_.add();
  input_us_.add(to_us(assembling));
  infer_us_.add(to_us(computing));
  output_us_.add(to_us(rest));
}

}  // namespace squall::reference::server
