// One inference call as an operation keeps it: function "infer", key the model's name, value a list
// of fixed order.  The client writes it, the inference checkers read it.
//
//   [id, nonce, user, input]                                                    invocation, fail,
//   info [id, nonce, user, input, echoed id, echoed nonce, version, epoch, cohort, gateway,
//   replica,
//    outputs, attempts] ok
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "history/history.h"

namespace squall {

inline constexpr std::string_view kInferFunction = "infer";
// After info a process goes on under a new id, since its old operation may still take effect where
// the next one would see it.  No inference sees another, so its process keeps its id: an outage of
// a minute at 1000 requests a second would use up all ids that a history has.
[[nodiscard]] constexpr bool keeps_process_after_info(std::string_view function) {
  return function == kInferFunction;
}
// Outputs are kept as integers, in millionths, so that equal ones are equal values.
inline constexpr double kOutputScale = 1e6;

struct InferenceRequest {
  std::string id{};        // unique in the run; the protocol's `id`
  std::int64_t nonce = 0;  // travels in the tensor; exact in FP32: 1 … 2^24 - 1
  std::string user{};      // decides the cohort
  std::int64_t input = 0;  // which input vector was sent
};

struct InferenceReply {
  std::string id{};                     // as echoed; "" when there was none
  std::int64_t nonce = 0;               // as it came back in the output tensor
  std::string version{};                // `model_version`
  std::int64_t epoch = 0;               // of the gateway's configuration; 0: not said
  std::string cohort{};                 // "stable", "canary"; "": not said
  std::string gateway{};                // who answered us; "": not said
  std::string replica{};                // which model server computed it; "": not said
  std::vector<std::int64_t> outputs{};  // in millionths, without the nonce's
  std::int64_t attempts = 1;            // of the gateway, this one included
};

struct InferenceCall {
  InferenceRequest request;
  std::optional<InferenceReply> reply;  // of operations that are ok
};

// JSON for RecordedEvent::value.
[[nodiscard]] std::string to_json(const InferenceRequest& request);
[[nodiscard]] std::string to_json(const InferenceRequest& request, const InferenceReply& reply);

// Nothing: not an inference call (another function, or a value of another shape).
[[nodiscard]] std::optional<InferenceCall> inference_call(const History& history, OpIndex index);

}  // namespace squall
