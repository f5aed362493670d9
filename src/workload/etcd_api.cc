// The JSON of etcd's gateway.  64-bit integers are text there, and what is zero or false is absent.
#include "workload/etcd_api.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "workload/base64.h"

namespace squall::etcd {
namespace {

using nlohmann::json;

HttpRequest post(std::string target, const json& body) {
  return {.method = "POST", .target = std::move(target), .body = body.dump()};
}

json put_operation(std::string_view key, std::string_view value) {
  return {{"key", to_base64(key)}, {"value", to_base64(value)}};
}

HttpRequest txn(json compare, json operation) {
  return post("/v3/kv/txn", {{"compare", json::array({std::move(compare)})},
                             {"success", json::array({std::move(operation)})}});
}

json created_at(std::string_view key, std::int64_t revision) {
  return {{"key", to_base64(key)},
          {"target", "CREATE"},
          {"result", "EQUAL"},
          {"createRevision", std::to_string(revision)}};
}

Error unexpected(const std::string& body) {
  return Error{Errc::kIo, "not an answer of etcd: '" + body.substr(0, 200) + "'"};
}

Result<json> parse_object(const std::string& body) {
  json value = json::parse(body, nullptr, false);
  if (!value.is_object()) return unexpected(body);
  return value;
}

// Absent is 0.
Result<std::int64_t> integer(const json& object, const char* name, const std::string& body) {
  const auto found = object.find(name);
  if (found == object.end()) return std::int64_t{0};
  if (found->is_number_integer()) return found->get<std::int64_t>();
  if (!found->is_string()) return unexpected(body);
  const auto& text = found->get_ref<const std::string&>();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return unexpected(body);
  return value;
}

// gRPC codes of answers that etcd gives before a request is proposed, or while it is applied and
// without an effect.
bool is_refusal(std::int64_t code, std::string_view text) {
  constexpr std::array<std::int64_t, 6> kRefusals = {
      3,   // InvalidArgument
      7,   // PermissionDenied
      8,   // ResourceExhausted: too many requests, database space exceeded
      11,  // OutOfRange: a compacted or future revision
      12,  // Unimplemented
      16,  // Unauthenticated
  };
  if (std::find(kRefusals.begin(), kRefusals.end(), code) != kRefusals.end()) return true;
  return text == "etcdserver: requested lease not found";
}

}  // namespace

HttpRequest range(std::string_view key, ReadMode mode) {
  json body = {{"key", to_base64(key)}};
  if (mode == ReadMode::kSerializable) body["serializable"] = true;
  return post("/v3/kv/range", body);
}

HttpRequest put(std::string_view key, std::string_view value) {
  return post("/v3/kv/put", put_operation(key, value));
}

HttpRequest put_if_value(std::string_view key, std::string_view from, std::string_view to) {
  return txn({{"key", to_base64(key)},
              {"target", "VALUE"},
              {"result", "EQUAL"},
              {"value", to_base64(from)}},
             {{"requestPut", put_operation(key, to)}});
}

HttpRequest put_if_absent(std::string_view key, std::string_view value, std::int64_t lease) {
  json operation = put_operation(key, value);
  operation["lease"] = std::to_string(lease);
  return txn(created_at(key, 0), {{"requestPut", operation}});
}

HttpRequest put_if_created(std::string_view guard, std::int64_t revision, std::string_view key,
                           std::string_view value) {
  return txn(created_at(guard, revision), {{"requestPut", put_operation(key, value)}});
}

HttpRequest delete_if_created(std::string_view key, std::int64_t revision) {
  return txn(created_at(key, revision), {{"requestDeleteRange", {{"key", to_base64(key)}}}});
}

HttpRequest grant_lease(std::int64_t seconds) {
  return post("/v3/lease/grant", {{"TTL", std::to_string(seconds)}});
}

HttpRequest keep_lease(std::int64_t lease) {
  return post("/v3/lease/keepalive", {{"ID", std::to_string(lease)}});
}

HttpRequest revoke_lease(std::int64_t lease) {
  return post("/v3/lease/revoke", {{"ID", std::to_string(lease)}});
}

Result<std::optional<std::string>> read_value(const std::string& body) {
  const json answer = TRY(parse_object(body));
  if (!answer.contains("header")) return unexpected(body);
  const auto found = answer.find("kvs");
  if (found == answer.end()) return std::optional<std::string>();
  if (!found->is_array() || found->size() != 1 || !found->front().is_object()) {
    return unexpected(body);
  }
  const json value = found->front().value("value", json(""));
  if (!value.is_string()) return unexpected(body);
  std::optional<std::string> text = from_base64(value.get_ref<const std::string&>());
  if (!text) return unexpected(body);
  return text;
}

Result<TxnAnswer> read_txn(const std::string& body) {
  const json answer = TRY(parse_object(body));
  const auto header = answer.find("header");
  if (header == answer.end() || !header->is_object()) return unexpected(body);
  const json done = answer.value("succeeded", json(false));
  if (!done.is_boolean()) return unexpected(body);
  return TxnAnswer{.is_done = done.get<bool>(),
                   .revision = TRY(integer(*header, "revision", body))};
}

Result<std::int64_t> read_lease(const std::string& body) {
  const json answer = TRY(parse_object(body));
  const std::int64_t lease = TRY(integer(answer, "ID", body));
  if (lease == 0) return unexpected(body);
  return lease;
}

Result<std::int64_t> read_keep_lease(const std::string& body) {
  const json answer = TRY(parse_object(body));
  const auto result = answer.find("result");
  if (result == answer.end() || !result->is_object()) return unexpected(body);
  return integer(*result, "TTL", body);
}

Answer error_answer(const HttpAnswer& answer, HasEffect effect) {
  const json body = json::parse(answer.body, nullptr, false);
  std::string text = "HTTP " + std::to_string(answer.status);
  std::int64_t code = -1;
  if (body.is_object()) {
    const json error = body.value("error", json());
    if (error.is_string()) text = error.get<std::string>();
    code = integer(body, "code", answer.body).value_or(-1);
  }
  // Without etcd's own error the gateway did not know the path or the method: nothing was proposed.
  const bool is_unknown_path = code < 0 && (answer.status == 404 || answer.status == 405);
  if (effect == HasEffect::kFalse || is_unknown_path || is_refusal(code, text)) return fail(text);
  return info(text);
}

}  // namespace squall::etcd
