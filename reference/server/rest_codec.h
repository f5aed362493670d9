// The Open Inference Protocol's JSON: requests read strictly, answers written as text.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "reference/server/infer_call.h"
#include "reference/server/inference_service.h"

namespace squall::reference::server {

// Keeps its parser's memory from one request to the next.  Not thread-safe.
class RestReader {
 public:
  RestReader();
  ~RestReader();
  RestReader(const RestReader&) = delete;
  RestReader& operator=(const RestReader&) = delete;

  // Fills in id, inputs and outputs.  Tensor data may be flat or nested as the shape says; each
  // element must be one of the datatype, and their number must be the shape's product.  kInvalid
  // says what is wrong where.
  [[nodiscard]] Result<> read(std::string_view body, InferCall& call);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string write_answer(const InferCall& call, const InferAnswer& answer);
[[nodiscard]] std::string write_metadata(const ModelMetadata& metadata);
[[nodiscard]] std::string write_server_metadata();

}  // namespace squall::reference::server
