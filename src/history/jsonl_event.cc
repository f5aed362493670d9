// simdjson's DOM, one line at a time: it validates the whole line, also the fields we do not know.
#include "history/jsonl_event.h"

#include <simdjson.h>

#include <array>
#include <charconv>
#include <utility>

#include "history/json_value.h"
#include "history/jsonl.h"

namespace squall {
namespace {

using simdjson::dom::element;

LineError in_line(std::string what) {
  return {.what = std::move(what), .field = ""};
}
LineError in_field(std::string_view field, std::string what) {
  return {.what = std::move(what), .field = field};
}

Checked read_value(const element& from, std::string_view field, Values& values, ValueId& id) {
  std::optional<std::string> problem = read_json_value(from, values, id);
  if (!problem) return {};
  return in_field(field, *std::move(problem));
}

// A number, or a number as text; any other text ("nemesis", ":nemesis") is not a client.
Checked read_process(const element& from, JsonlEvent& event) {
  if (from.get(event.process) == simdjson::SUCCESS) return {};
  std::string_view text;
  if (from.get(text) != simdjson::SUCCESS) {
    return in_field("p", "\"p\" must be a process number, or the name of what is not a client");
  }
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), event.process);
  event.is_skipped = parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size();
  return {};
}

Checked read_kind(const element& from, JsonlEvent& event) {
  static constexpr std::array<std::pair<std::string_view, EventKind>, 4> kKinds = {
      {{"invoke", EventKind::kInvoke},
       {"ok", EventKind::kOk},
       {"fail", EventKind::kFail},
       {"info", EventKind::kInfo}}};
  std::string_view text;
  if (from.get(text) == simdjson::SUCCESS) {
    for (const auto& [name, kind] : kKinds) {
      if (text != name) continue;
      event.kind = kind;
      return {};
    }
  }
  return in_field("e", "\"e\" must be one of invoke, ok, fail, info");
}

Checked read_function(const simdjson::dom::object& object, JsonlEvent& event) {
  element from;
  if (object["f"].get(from) != simdjson::SUCCESS) {
    if (event.kind == EventKind::kInvoke) return in_line("no \"f\" (function)");
    return {};
  }
  if (from.get(event.function) == simdjson::SUCCESS && !event.function.empty()) return {};
  return in_field("f", "\"f\" must be the name of a function, such as \"read\"");
}

Checked read_time(const simdjson::dom::object& object, JsonlEvent& event) {
  element from;
  if (object["t"].get(from) != simdjson::SUCCESS || from.is_null()) return {};
  std::int64_t at = 0;
  if (from.get(at) != simdjson::SUCCESS || at == kNever) {
    return in_field("t", "\"t\" must be a whole number of nanoseconds");
  }
  event.at = at;
  return {};
}

Checked read_values(const simdjson::dom::object& object, Values& values, JsonlEvent& event) {
  element from;
  if (object["k"].get(from) == simdjson::SUCCESS) {
    if (Checked error = read_value(from, "k", values, event.key)) return error;
  }
  if (object["v"].get(from) == simdjson::SUCCESS) {
    if (Checked error = read_value(from, "v", values, event.value)) return error;
  }
  if (object["err"].get(from) == simdjson::SUCCESS && !from.is_null()) {
    return read_value(from, "err", values, event.error);
  }
  return {};
}

Checked read_event(const simdjson::dom::object& object, Values& values, JsonlEvent& event) {
  element from;
  if (object["p"].get(from) != simdjson::SUCCESS) return in_line("no \"p\" (process)");
  if (Checked error = read_process(from, event)) return error;
  if (event.is_skipped) return {};
  if (object["e"].get(from) != simdjson::SUCCESS) {
    return in_line("no \"e\" (invoke, ok, fail or info)");
  }
  if (Checked error = read_kind(from, event)) return error;
  if (Checked error = read_function(object, event)) return error;
  if (Checked error = read_values(object, values, event)) return error;
  return read_time(object, event);
}

}  // namespace

struct JsonlParser::State {
  Values& values;
  simdjson::dom::parser parser{};
};

JsonlParser::JsonlParser(Values& values) : state_(new State{.values = values}) {}
JsonlParser::~JsonlParser() = default;

Checked JsonlParser::parse(std::string_view line, std::string_view text, JsonlEvent& event) {
  event = {};
  if (line.size() > kMaxJsonlLine) {
    return in_line("the line is longer than the limit of " + std::to_string(kMaxJsonlLine) +
                   " bytes");
  }
  // Only near the end of the text must the line be copied to have bytes behind it.
  const bool is_copied = text.size() < line.size() + simdjson::SIMDJSON_PADDING;
  element root;
  const simdjson::error_code error =
      state_->parser.parse(line.data(), line.size(), is_copied).get(root);
  if (error != simdjson::SUCCESS) {
    return LineError{.what = std::string("not valid JSON: ") + simdjson::error_message(error),
                     .field = "",
                     .is_syntax = true};
  }
  simdjson::dom::object object;
  if (root.get(object) == simdjson::SUCCESS) return read_event(object, state_->values, event);
  return in_line("an event is an object: {\"p\":0,\"e\":\"invoke\",\"f\":\"read\",…}");
}

}  // namespace squall
