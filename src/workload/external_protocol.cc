// JSON lines.
#include "workload/external_protocol.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "history/value.h"
#include "workload/history_builder.h"

namespace squall::external {
namespace {

using nlohmann::json;

json nodes_json(const std::vector<EndpointAddress>& nodes) {
  json list = json::array();
  for (const EndpointAddress& node : nodes) {
    list.push_back(
        {{"node", node.node}, {"ip", node.ipv4}, {"ip6", node.ipv6}, {"region", node.region}});
  }
  return list;
}

Error broken(const std::string& what, const std::string& line) {
  return Error{Errc::kInvalid, what + ": '" + line.substr(0, 200) + "'"};
}

// The value as we would record it; "" where there is none.
Result<std::string> value_of(const json& answer, const std::string& line) {
  const auto found = answer.find("v");
  if (found == answer.end()) return std::string();
  std::string text = found->dump();
  Values scratch;
  if (!intern_json(text, scratch).ok()) {
    return broken("'v' must be an integer, text, true, false, null or a list of these", line);
  }
  return text;
}

}  // namespace

std::string init_line(const ClientConfig& config, std::int64_t process,
                      const std::string& workload) {
  return json{{"init",
               {{"process", process},
                {"client", config.name},
                {"node", config.node},
                {"seed", config.seed},
                {"workload", workload},
                {"endpoints", nodes_json(config.endpoints)},
                {"nodes", nodes_json(config.all_nodes)}}}}
      .dump();
}

Result<> read_ready(const std::string& line) {
  const json answer = json::parse(line, nullptr, false);
  if (answer.is_object() && answer.value("ready", json()) == json(true)) return {};
  return broken("not {\"ready\":true}, the answer to init", line);
}

std::string call_line(const Call& call) {
  json line = {
      {"id", call.id},
      {"f", call.function},
      {"timeout_ms", std::chrono::duration_cast<std::chrono::milliseconds>(call.timeout).count()}};
  if (!call.key.empty()) line["key"] = json::parse(call.key, nullptr, false);
  if (!call.value.empty()) line["v"] = json::parse(call.value, nullptr, false);
  return line.dump();
}

std::string finish_line() {
  return json{{"finish", true}}.dump();
}

Result<Answer> read_answer(const std::string& line, std::int64_t id, std::string_view function) {
  const json answer = json::parse(line, nullptr, false);
  if (!answer.is_object()) return broken("not a JSON object", line);
  if (answer.value("id", json()) != json(id)) {
    return broken("not the answer to id " + std::to_string(id), line);
  }
  const json type = answer.value("type", json());
  const json error = answer.value("error", json(""));
  if (!error.is_string()) return broken("'error' must be text", line);
  const auto& text = error.get_ref<const std::string&>();
  if (type == "fail") return fail(text.empty() ? "the program says fail" : text);
  if (type == "info") return info(text.empty() ? "the program says info" : text);
  if (type != "ok") return broken("'type' must be ok, fail or info", line);
  std::string value = TRY(value_of(answer, line));
  if (function == "read" && value.empty()) return broken("a read that is ok needs 'v'", line);
  return ok(function == "read" ? std::move(value) : std::string());
}

Result<std::vector<std::string>> parse_command(const std::string& text) {
  std::vector<std::string> words;
  if (!text.starts_with("[")) {
    std::istringstream stream(text);
    for (std::string word; stream >> word;) words.push_back(word);
  } else {
    const json list = json::parse(text, nullptr, false);
    const bool is_texts =
        list.is_array() &&
        std::all_of(list.begin(), list.end(), [](const json& word) { return word.is_string(); });
    if (!is_texts) return Error{Errc::kInvalid, "'command' is not a JSON list of texts"};
    words = list.get<std::vector<std::string>>();
  }
  if (words.empty()) return Error{Errc::kInvalid, "'command' is empty"};
  return words;
}

}  // namespace squall::external
