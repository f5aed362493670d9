// An inference call as the server knows it, whichever protocol it came by.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "reference/base/trace.h"
#include "reference/engine/frame.h"

namespace squall::reference::server {

// As Triton names them; each protocol maps them to its own.
enum class FailureKind {
  kInvalid,      // 400, INVALID_ARGUMENT
  kNotFound,     // 404, NOT_FOUND
  kUnsupported,  // 501, UNIMPLEMENTED
  kUnavailable,  // 503, UNAVAILABLE: draining, queue full, engine away
  kDeadline,     // 504, DEADLINE_EXCEEDED
  kInternal,     // 500, INTERNAL
};

struct Failure {
  FailureKind kind = FailureKind::kInternal;
  std::string what{};
};

template <typename T>
using Outcome = std::variant<T, Failure>;

struct InputTensor {
  std::string name{};
  std::string datatype{};
  std::vector<std::int64_t> shape{};
  std::vector<float> values{};  // of FP32; other datatypes are only checked
};

struct InferCall {
  std::string model{};
  std::string version{};  // "": the server chooses
  std::string id{};       // echoed
  std::vector<InputTensor> inputs{};
  std::vector<std::string> outputs{};  // "": all
  std::optional<Duration> time_left{};
  std::string request_id{};
  TraceContext trace{};  // of this server's span
};

struct InferAnswer {
  std::string version{};
  std::string output{};  // the tensor's name
  Matrix matrix{};
};

// Called once, on the loop's thread.
using InferDone = std::function<void(Outcome<InferAnswer>)>;

}  // namespace squall::reference::server
