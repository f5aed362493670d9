// The Open Inference Protocol's messages.
#pragma once

#include "base/result.h"
#include "reference/server/infer_call.h"
#include "reference/server/inference_service.h"

namespace inference {
class ModelInferRequest;
class ModelInferResponse;
class ModelMetadataResponse;
}  // namespace inference

namespace squall::reference::server {

// Fills in model, version, id, inputs and outputs.  Contents are typed, or raw for all inputs
// (little-endian; BYTES with a length of 4 bytes before each).
[[nodiscard]] Result<> read_request(const inference::ModelInferRequest& request, InferCall& call);
// Raw where the request was raw.
void write_response(const InferCall& call, const InferAnswer& answer, bool is_raw,
                    inference::ModelInferResponse& response);
void write_response(const ModelMetadata& metadata, inference::ModelMetadataResponse& response);

}  // namespace squall::reference::server
