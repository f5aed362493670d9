// The JSON of etcd's gateway.  64-bit integers are text there, and what is zero or false is absent.
#include "reference/registry/etcd_messages.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/nearest.h"
#include "reference/registry/base64.h"

namespace squall::reference::etcd {
namespace {

using nlohmann::json;

EtcdPost post(std::string target, const json& body) {
  return {.target = std::move(target), .body = body.dump()};
}

// The first key behind all keys that start with `prefix`.
std::string end_of_prefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (end.empty()) return std::string(1, '\0');  // etcd: to the end of the key space
  end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

json range_body(std::string_view key, ReadMode mode) {
  json body = {{"key", to_base64(key)}};
  if (mode == ReadMode::kSerializable) body["serializable"] = true;
  return body;
}

json put_body(std::string_view key, std::string_view value) {
  return {{"key", to_base64(key)}, {"value", to_base64(value)}};
}

Error unexpected(std::string_view body) {
  return Error{Errc::kIo, "not an answer of etcd: '" + std::string(body.substr(0, 200)) + "'"};
}

Result<json> parse_object(std::string_view body) {
  json value = json::parse(body, nullptr, false);
  if (!value.is_object()) return unexpected(body);
  return value;
}

// Absent is 0.
Result<std::int64_t> integer(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return std::int64_t{0};
  if (found->is_number_integer()) return found->get<std::int64_t>();
  if (!found->is_string()) return unexpected(object.dump());
  const auto& text = found->get_ref<const std::string&>();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return unexpected(object.dump());
  return value;
}

Result<std::string> bytes(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return std::string();
  if (!found->is_string()) return unexpected(object.dump());
  std::optional<std::string> plain = from_base64(found->get_ref<const std::string&>());
  if (!plain) return unexpected(object.dump());
  return *std::move(plain);
}

Result<KeyValue> key_value(const json& object) {
  if (!object.is_object()) return unexpected(object.dump());
  return KeyValue{.key = TRY(bytes(object, "key")),
                  .value = TRY(bytes(object, "value")),
                  .mod_revision = TRY(integer(object, "mod_revision"))};
}

Result<std::int64_t> revision_in_header(const json& answer) {
  const auto header = answer.find("header");
  if (header == answer.end() || !header->is_object()) return unexpected(answer.dump());
  return integer(*header, "revision");
}

Result<Change> change(const json& event) {
  if (!event.is_object() || !event.contains("kv")) return unexpected(event.dump());
  KeyValue item = TRY(key_value(event["kv"]));
  Change change{.key = std::move(item.key), .value{}, .mod_revision = item.mod_revision};
  if (event.value("type", json("PUT")) != "DELETE") change.value = std::move(item.value);
  return change;
}

}  // namespace

Result<ReadMode> read_mode_from_text(std::string_view text) {
  if (text == "linearizable") return ReadMode::kLinearizable;
  if (text == "serializable") return ReadMode::kSerializable;
  return Error{Errc::kInvalid, "'" + std::string(text) + "' is not a kind of read" +
                                   suggestion(text, {"linearizable", "serializable"})};
}

EtcdPost range(std::string_view key, ReadMode mode) {
  return post("/v3/kv/range", range_body(key, mode));
}

EtcdPost range_prefix(std::string_view prefix, ReadMode mode) {
  json body = range_body(prefix, mode);
  body["range_end"] = to_base64(end_of_prefix(prefix));
  return post("/v3/kv/range", body);
}

EtcdPost put(std::string_view key, std::string_view value, std::int64_t lease) {
  json body = put_body(key, value);
  if (lease != 0) body["lease"] = std::to_string(lease);
  return post("/v3/kv/put", body);
}

EtcdPost put_if_unchanged(std::string_view key, std::string_view value, std::int64_t mod_revision) {
  const json compare = {{"key", to_base64(key)},
                        {"target", "MOD"},
                        {"result", "EQUAL"},
                        {"modRevision", std::to_string(mod_revision)}};
  return post("/v3/kv/txn", {{"compare", json::array({compare})},
                             {"success", json::array({{{"requestPut", put_body(key, value)}}})}});
}

EtcdPost grant_lease(Duration time_to_live) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(time_to_live).count();
  return post("/v3/lease/grant", {{"TTL", std::to_string(seconds)}});
}

EtcdPost keep_lease(std::int64_t lease) {
  return post("/v3/lease/keepalive", {{"ID", std::to_string(lease)}});
}

EtcdPost revoke_lease(std::int64_t lease) {
  return post("/v3/lease/revoke", {{"ID", std::to_string(lease)}});
}

EtcdPost watch_prefix(std::string_view prefix, std::int64_t revision, ReadMode mode) {
  EtcdPost watch = post("/v3/watch", {{"create_request",
                                       {{"key", to_base64(prefix)},
                                        {"range_end", to_base64(end_of_prefix(prefix))},
                                        {"start_revision", std::to_string(revision)}}}});
  if (mode == ReadMode::kLinearizable)
    watch.headers.emplace_back("Grpc-Metadata-hasleader", "true");
  return watch;
}

Result<RangeReply> read_range(const std::string& body) {
  const json answer = TRY(parse_object(body));
  RangeReply reply{.revision = TRY(revision_in_header(answer)), .items{}};
  const auto items = answer.find("kvs");
  if (items == answer.end()) return reply;
  for (const json& item : *items) reply.items.push_back(TRY(key_value(item)));
  return reply;
}

Result<bool> read_put_if(const std::string& body) {
  const json answer = TRY(parse_object(body));
  (void)TRY(revision_in_header(answer));
  const json done = answer.value("succeeded", json(false));
  if (!done.is_boolean()) return unexpected(body);
  return done.get<bool>();
}

Result<std::int64_t> read_lease(const std::string& body) {
  const json answer = TRY(parse_object(body));
  const std::int64_t lease = TRY(integer(answer, "ID"));
  if (lease == 0) return unexpected(body);
  return lease;
}

Result<std::int64_t> read_keep_lease(const std::string& body) {
  const json answer = TRY(parse_object(body));
  const auto result = answer.find("result");
  if (result == answer.end() || !result->is_object()) return unexpected(body);
  return integer(*result, "TTL");
}

Result<WatchMessage> read_watch_line(std::string_view line) {
  const json answer = TRY(parse_object(line));
  if (const auto error = answer.find("error"); error != answer.end()) {
    const std::string why =
        error->is_object() ? error->value("message", error->dump()) : error->dump();
    return WatchMessage{.revision = 0, .changes{}, .is_cancelled = true, .why = why};
  }
  const auto result = answer.find("result");
  if (result == answer.end() || !result->is_object()) return unexpected(line);
  WatchMessage message{.revision = TRY(revision_in_header(*result)), .changes{}, .why{}};
  message.compacted = TRY(integer(*result, "compact_revision"));
  message.is_cancelled = result->value("canceled", json(false)) == true;
  if (const json why = result->value("cancel_reason", json("")); why.is_string()) message.why = why;
  if (const auto events = result->find("events"); events != result->end()) {
    for (const json& event : *events) message.changes.push_back(TRY(change(event)));
  }
  return message;
}

std::string error_text(const EtcdReply& reply) {
  const json body = json::parse(reply.body, nullptr, false);
  if (body.is_object()) {
    for (const char* name : {"error", "message"}) {
      if (const json text = body.value(name, json()); text.is_string()) return text;
    }
  }
  return "HTTP " + std::to_string(reply.status);
}

}  // namespace squall::reference::etcd
