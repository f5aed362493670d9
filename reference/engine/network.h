// One loaded model, run by OpenCV's DNN module on the CPU.
#pragma once

#include <memory>
#include <string_view>

#include "reference/engine/frame.h"
#include "reference/models/signature.h"

namespace squall::reference {

// Inputs and outputs are matrices: one FP32 tensor [batch, n] in, one [batch, m] out.  Not
// thread-safe.
class Network {
 public:
  // kInvalid: the bytes are no ONNX model that can be run.  kUnsupported: other tensors than above.
  [[nodiscard]] static Result<Network> load(std::string_view onnx);
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;
  ~Network();

  // kInvalid: the width is not the model's, or there are no rows.
  [[nodiscard]] Result<Matrix> infer(const Matrix& batch);

 private:
  struct State;
  explicit Network(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace squall::reference
