// JSON through simdjson.
#include "reference/server/rest_codec.h"

#include <simdjson.h>

#include <cstring>

#include "reference/base/json_text.h"
#include "reference/server/datatype.h"

namespace squall::reference::server {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxInputs = 64;
constexpr std::size_t kMaxShape = 16;

Error bad(const std::string& what) {
  return Error{Errc::kInvalid, what};
}

Result<std::string> text_of(const dom::element& element, const std::string& what) {
  std::string_view text;
  if (element.get_string().get(text) != simdjson::SUCCESS) return bad(what + " is not a string");
  return std::string(text);
}

// The member, or an error that it is missing or not an array.
Result<dom::array> array_of(const dom::object& object, std::string_view key,
                            const std::string& where) {
  dom::element element;
  if (object.at_key(key).get(element) != simdjson::SUCCESS) {
    return bad(where + ": no '" + std::string(key) + "'");
  }
  dom::array array;
  if (element.get_array().get(array) != simdjson::SUCCESS) {
    return bad(where + ": '" + std::string(key) + "' is not an array");
  }
  return array;
}

Result<std::string> member_text(const dom::object& object, std::string_view key,
                                const std::string& where) {
  dom::element element;
  if (object.at_key(key).get(element) != simdjson::SUCCESS) {
    return bad(where + ": no '" + std::string(key) + "'");
  }
  return text_of(element, where + ": '" + std::string(key) + "'");
}

bool is_integer(const Datatype& datatype, const dom::element& element) {
  std::int64_t number = 0;
  if (element.get_int64().get(number) == simdjson::SUCCESS) return is_in_range(datatype, number);
  std::uint64_t large = 0;
  return element.get_uint64().get(large) == simdjson::SUCCESS && is_in_range(datatype, large);
}

// Appends an element of FP32; checks one of another datatype.
bool take_element(const Datatype& datatype, const dom::element& element, InputTensor& tensor) {
  switch (datatype.kind) {
    case DatatypeKind::kBoolean:
      return element.is_bool();
    case DatatypeKind::kBytes:
      return element.is_string();
    case DatatypeKind::kSigned:
    case DatatypeKind::kUnsigned:
      return is_integer(datatype, element);
    case DatatypeKind::kReal:
      break;
  }
  double number = 0;
  if (element.get_double().get(number) != simdjson::SUCCESS) return false;
  const auto single = static_cast<float>(number);
  const bool is_single = datatype.bytes == sizeof single;
  if (is_single && single - single != 0.0F) return false;  // beyond FP32
  if (is_single) tensor.values.push_back(single);
  return true;
}

class TensorReader {
 public:
  TensorReader(const Datatype& datatype, InputTensor& tensor)
      : datatype_(datatype), tensor_(tensor) {}

  Result<> read(const dom::array& data, std::size_t wanted) {
    dom::element first;
    const bool has_first = data.at(0).get(first) == simdjson::SUCCESS;
    if (has_first && first.is_array()) {
      (void)TRY(read_nested(data, 0));
    } else {
      (void)TRY(read_flat(data));
    }
    if (count_ == wanted) return {};
    return bad("has " + std::to_string(count_) + " elements, its shape says " +
               std::to_string(wanted));
  }

 private:
  Result<> read_flat(const dom::array& data) {
    for (const dom::element element : data) {
      ++count_;
      if (!take_element(datatype_, element, tensor_)) {
        return bad("element " + std::to_string(count_ - 1) + " is no " +
                   std::string(datatype_.name));
      }
    }
    return {};
  }

  Result<> read_nested(const dom::array& data, std::size_t depth) {
    if (depth >= tensor_.shape.size()) return bad("is nested deeper than its shape");
    if (data.size() != static_cast<std::size_t>(tensor_.shape[depth])) {
      return bad("has a row of " + std::to_string(data.size()) + " at depth " +
                 std::to_string(depth) + ", its shape says " +
                 std::to_string(tensor_.shape[depth]));
    }
    if (depth + 1 == tensor_.shape.size()) return read_flat(data);
    for (const dom::element element : data) {
      dom::array row;
      if (element.get_array().get(row) != simdjson::SUCCESS) {
        return bad("is not nested as its shape says");
      }
      (void)TRY(read_nested(row, depth + 1));
    }
    return {};
  }

  const Datatype& datatype_;
  InputTensor& tensor_;
  std::size_t count_ = 0;
};

Result<std::vector<std::int64_t>> read_shape(const dom::array& sizes, const std::string& where) {
  std::vector<std::int64_t> shape;
  for (const dom::element element : sizes) {
    std::int64_t size = 0;
    if (element.get_int64().get(size) != simdjson::SUCCESS || shape.size() >= kMaxShape) {
      return bad(where + ": 'shape' is not a list of at most " + std::to_string(kMaxShape) +
                 " integers");
    }
    shape.push_back(size);
  }
  return shape;
}

Result<InputTensor> read_input(const dom::element& element, const std::string& place) {
  dom::object object;
  if (element.get_object().get(object) != simdjson::SUCCESS) return bad(place + ": not an object");
  InputTensor tensor{.name = TRY(member_text(object, "name", place))};
  const std::string where = "input '" + tensor.name + "'";
  tensor.datatype = TRY(member_text(object, "datatype", where));
  const Datatype datatype = TRY(find_datatype(tensor.datatype).in(where));
  if (!datatype.is_json) return bad(where + ": " + tensor.datatype + " has no form in JSON");
  const dom::array sizes = TRY(array_of(object, "shape", where));
  tensor.shape = TRY(read_shape(sizes, where));
  const std::size_t count = TRY(element_count(tensor.shape).in(where));
  const dom::array data = TRY(array_of(object, "data", where));
  if (datatype.name == "FP32") tensor.values.reserve(count);
  (void)TRY(TensorReader(datatype, tensor).read(data, count).in(where));
  return tensor;
}

Result<> read_inputs(const dom::object& request, InferCall& call) {
  const dom::array inputs = TRY(array_of(request, "inputs", "the request"));
  for (const dom::element element : inputs) {
    if (call.inputs.size() >= kMaxInputs) return bad("more than 64 inputs");
    const std::string place = "input " + std::to_string(call.inputs.size());
    call.inputs.push_back(TRY(read_input(element, place)));
  }
  return {};
}

Result<> read_outputs(const dom::object& request, InferCall& call) {
  dom::element ignored;
  if (request.at_key("outputs").get(ignored) != simdjson::SUCCESS) return {};
  const dom::array outputs = TRY(array_of(request, "outputs", "the request"));
  for (const dom::element element : outputs) {
    const std::string place = "output " + std::to_string(call.outputs.size());
    dom::object object;
    if (element.get_object().get(object) != simdjson::SUCCESS) {
      return bad(place + ": not an object");
    }
    call.outputs.push_back(TRY(member_text(object, "name", place)));
  }
  return {};
}

Result<> read_members(const dom::object& request, InferCall& call) {
  dom::element member;
  if (request.at_key("id").get(member) == simdjson::SUCCESS) {
    call.id = TRY(text_of(member, "'id'"));
  }
  if (request.at_key("parameters").get(member) == simdjson::SUCCESS && !member.is_object()) {
    return bad("'parameters' is not an object");
  }
  (void)TRY(read_inputs(request, call));
  return read_outputs(request, call);
}

void append_shape(std::string& out, const std::vector<std::int64_t>& shape) {
  out += '[';
  for (const std::int64_t size : shape) {
    if (out.back() != '[') out += ',';
    append_json(out, size);
  }
  out += ']';
}

void append_tensors(std::string& out, std::string_view key,
                    const std::vector<TensorSignature>& tensors) {
  out += ",\"" + std::string(key) + "\":[";
  for (const TensorSignature& tensor : tensors) {
    if (out.back() != '[') out += ',';
    out += "{\"name\":";
    append_json(out, tensor.name);
    out += ",\"datatype\":\"" + tensor.datatype + "\",\"shape\":";
    append_shape(out, tensor.shape);
    out += '}';
  }
  out += ']';
}

}  // namespace

struct RestReader::State {
  dom::parser parser{};
};

RestReader::RestReader() : state_(std::make_unique<State>()) {}
RestReader::~RestReader() = default;

Result<> RestReader::read(std::string_view body, InferCall& call) {
  dom::element root;
  const simdjson::error_code error = state_->parser.parse(body.data(), body.size(), true).get(root);
  if (error != simdjson::SUCCESS) {
    return bad(std::string("the body is not JSON: ") + simdjson::error_message(error));
  }
  dom::object request;
  if (root.get_object().get(request) != simdjson::SUCCESS) {
    return bad("the body is not a JSON object");
  }
  return read_members(request, call);
}

std::string write_answer(const InferCall& call, const InferAnswer& answer) {
  std::string out = "{\"model_name\":";
  append_json(out, call.model);
  out += ",\"model_version\":";
  append_json(out, answer.version);
  if (!call.id.empty()) {
    out += ",\"id\":";
    append_json(out, call.id);
  }
  out += ",\"outputs\":[{\"name\":";
  append_json(out, answer.output);
  out += ",\"datatype\":\"FP32\",\"shape\":";
  append_shape(out, {answer.matrix.rows, answer.matrix.columns});
  out += ",\"data\":[";
  bool is_first = true;
  for (const float value : answer.matrix.values) {
    if (!std::exchange(is_first, false)) out += ',';
    append_json(out, value);
  }
  return out + "]}]}";
}

std::string write_metadata(const ModelMetadata& metadata) {
  std::string out = "{\"name\":";
  append_json(out, metadata.name);
  out += ",\"versions\":[";
  for (const std::string& version : metadata.versions) {
    if (out.back() != '[') out += ',';
    append_json(out, version);
  }
  out += "],\"platform\":";
  append_json(out, kPlatform);
  append_tensors(out, "inputs", metadata.signature.inputs);
  append_tensors(out, "outputs", metadata.signature.outputs);
  return out + "}";
}

std::string write_server_metadata() {
  std::string out = "{\"name\":";
  append_json(out, kServerName);
  return out + ",\"version\":\"2\",\"extensions\":[]}";
}

}  // namespace squall::reference::server
