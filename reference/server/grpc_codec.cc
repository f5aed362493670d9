// Messages to calls and back, as strict as the JSON side.
#include "reference/server/grpc_codec.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "reference/server/datatype.h"
#include "squall/v1/open_inference.pb.h"

namespace squall::reference::server {
namespace {

using Input = inference::ModelInferRequest::InferInputTensor;
using Contents = inference::InferTensorContents;

Error bad(const std::string& what) {
  return Error{Errc::kInvalid, what};
}

Error wrong_count(std::size_t found, std::size_t wanted) {
  return bad("has " + std::to_string(found) + " elements, its shape says " +
             std::to_string(wanted));
}

// How many elements the field of the datatype has; the other fields must be empty.
struct Counts {
  std::size_t of_datatype = 0;
  std::size_t all = 0;
};

Counts count(const Datatype& datatype, const Contents& contents) {
  const bool is_wide = datatype.bytes == 8;
  const bool is_real = datatype.kind == DatatypeKind::kReal;
  Counts counts;
  const auto add = [&](int size, bool is_field) {
    counts.all += static_cast<std::size_t>(size);
    if (is_field) counts.of_datatype += static_cast<std::size_t>(size);
  };
  add(contents.bool_contents_size(), datatype.kind == DatatypeKind::kBoolean);
  add(contents.int_contents_size(), datatype.kind == DatatypeKind::kSigned && !is_wide);
  add(contents.int64_contents_size(), datatype.kind == DatatypeKind::kSigned && is_wide);
  add(contents.uint_contents_size(), datatype.kind == DatatypeKind::kUnsigned && !is_wide);
  add(contents.uint64_contents_size(), datatype.kind == DatatypeKind::kUnsigned && is_wide);
  add(contents.fp32_contents_size(), is_real && !is_wide);
  add(contents.fp64_contents_size(), is_real && is_wide);
  add(contents.bytes_contents_size(), datatype.kind == DatatypeKind::kBytes);
  return counts;
}

bool is_all_in_range(const Datatype& datatype, const Contents& contents) {
  const auto fits_signed = [&](std::int64_t number) { return is_in_range(datatype, number); };
  const auto fits_unsigned = [&](std::uint64_t number) { return is_in_range(datatype, number); };
  const auto& narrow = contents.int_contents();
  const auto& positive = contents.uint_contents();
  return std::all_of(narrow.begin(), narrow.end(), fits_signed) &&
         std::all_of(positive.begin(), positive.end(), fits_unsigned);
}

Result<> read_typed(const Datatype& datatype, const Contents& contents, std::size_t wanted,
                    InputTensor& tensor) {
  if (!datatype.is_json) return bad(std::string(datatype.name) + " has a raw form only");
  const Counts counts = count(datatype, contents);
  if (counts.all != counts.of_datatype) {
    return bad("has contents of another datatype than " + std::string(datatype.name));
  }
  if (counts.of_datatype != wanted) return wrong_count(counts.of_datatype, wanted);
  if (!is_all_in_range(datatype, contents)) {
    return bad("has an element that is no " + std::string(datatype.name));
  }
  tensor.values.assign(contents.fp32_contents().begin(), contents.fp32_contents().end());
  return {};
}

Result<std::size_t> count_raw_bytes(std::string_view raw) {
  std::size_t count = 0;
  while (!raw.empty()) {
    std::uint32_t length = 0;
    if (raw.size() < sizeof length) return bad("has raw BYTES that are cut short");
    std::memcpy(&length, raw.data(), sizeof length);
    raw.remove_prefix(sizeof length);
    if (raw.size() < length) return bad("has raw BYTES that are cut short");
    raw.remove_prefix(length);
    ++count;
  }
  return count;
}

Result<> read_raw(const Datatype& datatype, const std::string& raw, std::size_t wanted,
                  InputTensor& tensor) {
  if (datatype.kind == DatatypeKind::kBytes) {
    const std::size_t count = TRY(count_raw_bytes(raw));
    return count == wanted ? Result<>() : wrong_count(count, wanted);
  }
  if (raw.size() != wanted * datatype.bytes) {
    return bad("has " + std::to_string(raw.size()) + " raw bytes, its shape says " +
               std::to_string(wanted * datatype.bytes));
  }
  if (datatype.name != "FP32") return {};
  tensor.values.resize(wanted);
  if (wanted > 0) std::memcpy(tensor.values.data(), raw.data(), raw.size());
  return {};
}

Result<InputTensor> read_input(const Input& input, const std::string* raw) {
  InputTensor tensor{.name = input.name(), .datatype = input.datatype()};
  tensor.shape.assign(input.shape().begin(), input.shape().end());
  const Datatype datatype = TRY(find_datatype(input.datatype()));
  const std::size_t wanted = TRY(element_count(tensor.shape));
  if (raw == nullptr) {
    (void)TRY(read_typed(datatype, input.contents(), wanted, tensor));
    return tensor;
  }
  if (input.has_contents()) return bad("has typed and raw contents");
  (void)TRY(read_raw(datatype, *raw, wanted, tensor));
  return tensor;
}

bool is_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); });
}

template <typename Tensors, typename Add>
void write_tensors(const Tensors& tensors, Add add) {
  for (const TensorSignature& tensor : tensors) {
    auto* const to = add();
    to->set_name(tensor.name);
    to->set_datatype(tensor.datatype);
    for (const std::int64_t size : tensor.shape) to->add_shape(size);
  }
}

}  // namespace

Result<> read_request(const inference::ModelInferRequest& request, InferCall& call) {
  call.model = request.model_name();
  call.version = request.model_version();
  call.id = request.id();
  const bool is_raw = request.raw_input_contents_size() > 0;
  if (is_raw && request.raw_input_contents_size() != request.inputs_size()) {
    return bad(std::to_string(request.raw_input_contents_size()) + " raw_input_contents for " +
               std::to_string(request.inputs_size()) + " inputs");
  }
  for (int at = 0; at < request.inputs_size(); ++at) {
    const Input& input = request.inputs(at);
    const std::string where = "input '" + input.name() + "'";
    call.inputs.push_back(
        TRY(read_input(input, is_raw ? &request.raw_input_contents(at) : nullptr).in(where)));
    // JSON cannot say them either.
    if (!is_finite(call.inputs.back().values))
      return bad(where + " has a value that is not finite");
  }
  for (const auto& output : request.outputs()) call.outputs.push_back(output.name());
  return {};
}

void write_response(const InferCall& call, const InferAnswer& answer, bool is_raw,
                    inference::ModelInferResponse& response) {
  response.set_model_name(call.model);
  response.set_model_version(answer.version);
  response.set_id(call.id);
  auto* const output = response.add_outputs();
  output->set_name(answer.output);
  output->set_datatype("FP32");
  output->add_shape(answer.matrix.rows);
  output->add_shape(answer.matrix.columns);
  const std::vector<float>& values = answer.matrix.values;
  if (is_raw) {
    response.add_raw_output_contents(reinterpret_cast<const char*>(values.data()),
                                     values.size() * sizeof(float));
  } else {
    output->mutable_contents()->mutable_fp32_contents()->Add(values.begin(), values.end());
  }
}

void write_response(const ModelMetadata& metadata, inference::ModelMetadataResponse& response) {
  response.set_name(metadata.name);
  for (const std::string& version : metadata.versions) response.add_versions(version);
  response.set_platform(std::string(kPlatform));
  write_tensors(metadata.signature.inputs, [&] { return response.add_inputs(); });
  write_tensors(metadata.signature.outputs, [&] { return response.add_outputs(); });
}

}  // namespace squall::reference::server
