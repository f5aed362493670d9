// What a model takes and gives, as its ONNX file says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace squall::reference {

struct TensorSignature {
  std::string name{};
  std::string datatype{};             // as the Open Inference Protocol names it: "FP32"
  std::vector<std::int64_t> shape{};  // -1: any size
};

struct ModelSignature {
  std::vector<TensorSignature> inputs;
  std::vector<TensorSignature> outputs;
};

// Reads the graph's inputs that are no weights, and its outputs.  kInvalid for bytes that are no
// ONNX model; kUnsupported for element types that the protocol has no name for.
[[nodiscard]] Result<ModelSignature> read_signature(std::string_view onnx);

// What our engine can run: one FP32 tensor [batch, n] in, one [batch, m] out; else kUnsupported.
[[nodiscard]] Result<> check_signature(const ModelSignature& signature);

}  // namespace squall::reference
