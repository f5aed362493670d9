// The Open Inference Protocol as the client `inference` speaks it: one row of FP32, whose first
// column is the nonce, to one row of scores, whose first column is the nonce again.  Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "history/inference_call.h"
#include "workload/async_http.h"

namespace squall {

struct InferenceShape {
  std::string model;
  std::string version;        // "": the server chooses
  std::string input_tensor;   // FP32 [1, columns]
  std::string output_tensor;  // FP32 [1, any]
  std::int64_t columns = 0;   // the nonce's included, at least 1
};

// One request with what goes beside the tensor.
struct InferenceQuery {
  InferenceRequest request{};
  std::string traceparent{};
  Duration timeout{0};
  bool is_idempotent = false;  // the id goes as the idempotency key too
};

// The nonce, then the input's features: multiples of 1/1024 from -1 to 1, exact in FP32 and in
// text. The same input has the same features in every run.
[[nodiscard]] std::vector<float> input_row(const InferenceRequest& request, std::int64_t columns);

// "00-TRACE-SPAN-01" (W3C Trace Context), which follows from the run's seed and the request's id.
[[nodiscard]] std::string traceparent(std::uint64_t seed, const std::string& id);

// Names in lower case: HTTP header fields and gRPC metadata alike.
[[nodiscard]] HttpFields request_fields(const InferenceQuery& query);
// x-config-epoch, x-cohort, x-gateway, x-served-by, x-attempts: what `field` says about itself; ""
// where it says nothing.
void read_fields(const std::function<std::string_view(std::string_view name)>& field,
                 InferenceReply& reply);
// A row of outputs, the nonce's column first.  Not a finite number: the least integer there is.
void read_outputs(const std::vector<double>& row, InferenceReply& reply);

// --- JSON over HTTP -----------------------------------------------------------------------------
[[nodiscard]] std::string infer_target(const InferenceShape& shape);
[[nodiscard]] std::string infer_body(const InferenceShape& shape, const InferenceRequest& request);
// Of an answer with status 200; data may be flat or nested, as the protocol allows.
[[nodiscard]] Result<InferenceReply> read_infer_answer(const InferenceShape& shape,
                                                       const AsyncHttpAnswer& answer);
// "HTTP 503: the queue is full", by the error body of the protocol or the body as it is.
[[nodiscard]] std::string http_error(const AsyncHttpAnswer& answer);

}  // namespace squall
