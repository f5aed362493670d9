// Tensors, JSON and header fields of inference calls.
#include "workload/inference_codec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "history/utf8.h"

namespace squall {
namespace {

using nlohmann::json;

constexpr std::uint64_t kFeatureSeed = 0x5351'5541'4c4c;  // any; it only must not change
constexpr std::int64_t kFeatureSteps = 1024;
constexpr std::size_t kMaxErrorText = 200;
constexpr int kMaxNesting = 8;

std::string hex(std::uint64_t number) {
  std::array<char, 17> text{};
  (void)std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(number));
  return text.data();
}

// As a double the text is the number itself, not just the shortest that rounds to it.
void append_number(double number, std::string& out) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number);
  out.append(text.data(), end.ptr);
}

std::int64_t integer_or(std::string_view text, std::int64_t otherwise) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_integer = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return is_integer && !text.empty() ? number : otherwise;
}

std::int64_t scaled(double number, double scale) {
  constexpr double kLimit = 9e18;
  if (!std::isfinite(number)) return std::numeric_limits<std::int64_t>::min();
  return std::llround(std::clamp(number * scale, -kLimit, kLimit));
}

bool flatten(const json& data, std::vector<double>& into, int depth) {
  if (data.is_number()) {
    into.push_back(data.get<double>());
    return true;
  }
  if (!data.is_array() || depth == kMaxNesting) return false;
  return std::all_of(data.begin(), data.end(),
                     [&](const json& item) { return flatten(item, into, depth + 1); });
}

std::string text_member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

const json* find_output(const json& body, const std::string& name) {
  const auto outputs = body.find("outputs");
  if (outputs == body.end() || !outputs->is_array()) return nullptr;
  for (const json& output : *outputs) {
    if (output.is_object() && text_member(output, "name") == name) return &output;
  }
  return nullptr;
}

std::string_view find_field(const HttpFields& fields, std::string_view name) {
  for (const auto& [known, value] : fields) {
    if (known == name) return value;
  }
  return {};
}

}  // namespace

std::vector<float> input_row(const InferenceRequest& request, std::int64_t columns) {
  std::vector<float> row{static_cast<float>(request.nonce)};
  Rng rng = Rng(kFeatureSeed).split("input " + std::to_string(request.input));
  while (static_cast<std::int64_t>(row.size()) < columns) {
    const auto step = static_cast<std::int64_t>(rng.below(2 * kFeatureSteps + 1)) - kFeatureSteps;
    row.push_back(static_cast<float>(step) / static_cast<float>(kFeatureSteps));
  }
  return row;
}

std::string traceparent(std::uint64_t seed, const std::string& id) {
  Rng rng = Rng(seed).split("trace " + id);
  // All zeros would be an invalid trace or span.
  const std::uint64_t high = rng.next() | 1U;
  const std::uint64_t low = rng.next();
  return "00-" + hex(high) + hex(low) + "-" + hex(rng.next() | 1U) + "-01";
}

HttpFields request_fields(const InferenceQuery& query) {
  const auto milliseconds = duration_cast<std::chrono::milliseconds>(query.timeout).count();
  HttpFields fields = {
      {"x-user-id", query.request.user},
      {"x-request-id", query.request.id},
      {"x-request-deadline-ms", std::to_string(std::max<std::int64_t>(milliseconds, 1))},
      {"traceparent", query.traceparent}};
  if (query.is_idempotent) fields.emplace_back("idempotency-key", query.request.id);
  return fields;
}

void read_fields(const std::function<std::string_view(std::string_view name)>& field,
                 InferenceReply& reply) {
  reply.epoch = integer_or(field("x-config-epoch"), 0);
  reply.cohort = field("x-cohort");
  reply.gateway = field("x-gateway");
  reply.replica = field("x-served-by");
  reply.attempts = integer_or(field("x-attempts"), 1);
}

void read_outputs(const std::vector<double>& row, InferenceReply& reply) {
  if (row.empty()) return;
  reply.nonce = scaled(row.front(), 1);
  for (std::size_t i = 1; i < row.size(); ++i) {
    reply.outputs.push_back(scaled(row[i], kOutputScale));
  }
}

std::string infer_target(const InferenceShape& shape) {
  const std::string version = shape.version.empty() ? "" : "/versions/" + shape.version;
  return "/v2/models/" + shape.model + version + "/infer";
}

std::string infer_body(const InferenceShape& shape, const InferenceRequest& request) {
  std::string body = R"({"id":)";
  append_json_string(request.id, body);
  body += R"(,"inputs":[{"name":)";
  append_json_string(shape.input_tensor, body);
  body += R"(,"shape":[1,)" + std::to_string(shape.columns) + R"(],"datatype":"FP32","data":[)";
  bool is_first = true;
  for (const float number : input_row(request, shape.columns)) {
    if (!std::exchange(is_first, false)) body += ',';
    append_number(number, body);
  }
  body += R"(]}],"outputs":[{"name":)";
  append_json_string(shape.output_tensor, body);
  return body + "}]}";
}

Result<InferenceReply> read_infer_answer(const InferenceShape& shape,
                                         const AsyncHttpAnswer& answer) {
  const json body = json::parse(answer.body, nullptr, false);
  if (!body.is_object()) return Error{Errc::kInvalid, "reply: not a JSON object"};
  const json* output = find_output(body, shape.output_tensor);
  if (output == nullptr) {
    return Error{Errc::kInvalid, "reply: no output '" + shape.output_tensor + "'"};
  }
  std::vector<double> row;
  const auto data = output->find("data");
  if (data == output->end() || !flatten(*data, row, 0) || row.empty()) {
    return Error{Errc::kInvalid, "reply: the output's data is not a list of numbers"};
  }
  InferenceReply reply{.id = text_member(body, "id"),
                       .version = text_member(body, "model_version")};
  read_outputs(row, reply);
  read_fields([&](std::string_view name) { return find_field(answer.fields, name); }, reply);
  return reply;
}

std::string http_error(const AsyncHttpAnswer& answer) {
  const json body = json::parse(answer.body, nullptr, false);
  std::string said = body.is_object() ? text_member(body, "error") : "";
  if (said.empty()) said = answer.body;
  if (said.size() > kMaxErrorText) said.resize(kMaxErrorText);
  const std::string status = "HTTP " + std::to_string(answer.status);
  return said.empty() ? status : status + ": " + to_utf8(said);
}

}  // namespace squall
