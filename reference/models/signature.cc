// Walks ModelProto → GraphProto → ValueInfoProto.  Field numbers: onnx/onnx.proto, IR version 7.
#include "reference/models/signature.h"

#include <algorithm>
#include <array>
#include <optional>

#include "reference/models/protobuf_wire.h"

namespace squall::reference {
namespace {

constexpr std::uint32_t kModelGraph = 7;
constexpr std::uint32_t kGraphInitializer = 5;
constexpr std::uint32_t kGraphInput = 11;
constexpr std::uint32_t kGraphOutput = 12;
constexpr std::uint32_t kTensorName = 8;
constexpr std::uint32_t kValueName = 1;
constexpr std::uint32_t kValueType = 2;
constexpr std::uint32_t kTypeTensor = 1;
constexpr std::uint32_t kTensorElement = 1;
constexpr std::uint32_t kTensorShape = 2;
constexpr std::uint32_t kShapeDimension = 1;
constexpr std::uint32_t kDimensionValue = 1;

// TensorProto.DataType → datatype, by number.
constexpr std::array<std::string_view, 14> kDatatypes = {
    "",      "FP32",  "UINT8", "INT8", "UINT16", "INT16",  "INT32",
    "INT64", "BYTES", "BOOL",  "FP16", "FP64",   "UINT32", "UINT64"};

using Fields = std::vector<ProtobufField>;

Result<Fields> fields_of(std::string_view message) {
  ProtobufReader reader(message);
  Fields fields;
  while (true) {
    const std::optional<ProtobufField> field = TRY(reader.next());
    if (!field) return fields;
    fields.push_back(*field);
  }
}

Result<std::string_view> part(std::string_view message, std::uint32_t number) {
  const Fields fields = TRY(fields_of(message));
  for (const ProtobufField& field : fields) {
    if (field.field == number && field.is_bytes) return field.bytes;
  }
  return std::string_view();
}

Result<std::int64_t> read_dimension(std::string_view message) {
  const Fields fields = TRY(fields_of(message));
  for (const ProtobufField& field : fields) {
    if (field.field == kDimensionValue && !field.is_bytes) {
      return static_cast<std::int64_t>(field.number);
    }
  }
  return std::int64_t{-1};
}

Result<std::vector<std::int64_t>> read_shape(std::string_view message) {
  std::vector<std::int64_t> shape;
  const Fields fields = TRY(fields_of(message));
  for (const ProtobufField& field : fields) {
    if (field.field == kShapeDimension) shape.push_back(TRY(read_dimension(field.bytes)));
  }
  return shape;
}

Result<TensorSignature> read_value(std::string_view message) {
  const std::string_view name = TRY(part(message, kValueName));
  const std::string_view type = TRY(part(message, kValueType));
  const std::string_view tensor = TRY(part(type, kTypeTensor));
  const Fields fields = TRY(fields_of(tensor));
  TensorSignature value{.name = std::string(name)};
  for (const ProtobufField& field : fields) {
    if (field.field == kTensorElement && field.number < kDatatypes.size()) {
      value.datatype = kDatatypes.at(field.number);
    }
    if (field.field == kTensorShape) value.shape = TRY(read_shape(field.bytes));
  }
  if (value.datatype.empty()) {
    return Error{Errc::kUnsupported, "tensor '" + value.name + "' has an unknown element type"};
  }
  return value;
}

bool is_batch_of_rows(const TensorSignature& tensor) {
  return tensor.datatype == "FP32" && tensor.shape.size() == 2 && tensor.shape[0] == -1 &&
         tensor.shape[1] > 0;
}

}  // namespace

Result<ModelSignature> read_signature(std::string_view onnx) {
  const std::string_view graph = TRY(part(onnx, kModelGraph));
  if (graph.empty()) return Error{Errc::kInvalid, "not an ONNX model: it has no graph"};
  const Fields fields = TRY(fields_of(graph));
  std::vector<std::string_view> weights;
  for (const ProtobufField& field : fields) {
    if (field.field == kGraphInitializer) weights.push_back(TRY(part(field.bytes, kTensorName)));
  }
  ModelSignature signature;
  for (const ProtobufField& field : fields) {
    if (field.field != kGraphInput && field.field != kGraphOutput) continue;
    TensorSignature value = TRY(read_value(field.bytes));
    if (field.field == kGraphOutput) {
      signature.outputs.push_back(std::move(value));
    } else if (std::find(weights.begin(), weights.end(), value.name) == weights.end()) {
      signature.inputs.push_back(std::move(value));
    }
  }
  return signature;
}

Result<> check_signature(const ModelSignature& signature) {
  const bool is_ours = signature.inputs.size() == 1 && signature.outputs.size() == 1 &&
                       is_batch_of_rows(signature.inputs[0]) &&
                       is_batch_of_rows(signature.outputs[0]);
  if (is_ours) return {};
  return Error{Errc::kUnsupported,
               "the model must take one FP32 tensor [batch, n] and give one [batch, m]"};
}

}  // namespace squall::reference
