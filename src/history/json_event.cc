// simdjson's DOM, one object at a time: it validates all of it, also the fields we do not know.
#include "history/json_event.h"

#include <simdjson.h>

#include <charconv>
#include <utility>

#include "history/json_value.h"
#include "history/jsonl.h"

namespace squall {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

class FieldReader {
 public:
  FieldReader(const object& from, const EventNames& names, Values& values, Event& event)
      : from_(from), names_(names), values_(values), event_(event) {}

  EventCheck read() {
    if (EventCheck problem = process()) return problem;
    if (event_.is_skipped) return {};
    if (EventCheck problem = kind()) return problem;
    if (EventCheck problem = function()) return problem;
    if (EventCheck problem = value(EventField::kKey, event_.key)) return problem;
    if (EventCheck problem = value(EventField::kValue, event_.value)) return problem;
    if (EventCheck problem = value(EventField::kError, event_.error)) return problem;
    if (event_.error == kNil) event_.error = kAbsent;
    return time();
  }

 private:
  [[nodiscard]] bool find(EventField field, element& found) const {
    return from_[names_.name(field)].get(found) == simdjson::SUCCESS;
  }
  [[nodiscard]] EventProblem missing(EventField field, const std::string& what) const {
    return {.what = "no " + names_.quoted(field) + " (" + what + ")"};
  }
  [[nodiscard]] EventProblem wrong(EventField field, const std::string& what) const {
    return {.what = names_.quoted(field) + " must be " + what, .field = field};
  }

  // A number, or a number as text; any other text ("nemesis", ":nemesis") is not a client.
  EventCheck process() {
    element found;
    if (!find(EventField::kProcess, found)) return missing(EventField::kProcess, "process");
    if (found.get(event_.process) == simdjson::SUCCESS) return {};
    std::string_view text;
    if (found.get(text) != simdjson::SUCCESS) {
      return wrong(EventField::kProcess, "a process number, or the name of what is not a client");
    }
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), event_.process);
    event_.is_skipped = parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size();
    return {};
  }

  EventCheck kind() {
    element found;
    if (!find(EventField::kKind, found)) {
      return missing(EventField::kKind, "invoke, ok, fail or info");
    }
    std::string_view text;
    if (found.get(text) == simdjson::SUCCESS) {
      if (const std::optional<EventKind> known = event_kind(text)) {
        event_.kind = *known;
        return {};
      }
    }
    return wrong(EventField::kKind, "one of invoke, ok, fail, info");
  }

  EventCheck function() {
    element found;
    if (!find(EventField::kFunction, found)) {
      if (event_.kind != EventKind::kInvoke) return {};
      return missing(EventField::kFunction, "function");
    }
    if (found.get(event_.function) == simdjson::SUCCESS && !event_.function.empty()) return {};
    return wrong(EventField::kFunction, "the name of a function, such as \"read\"");
  }

  EventCheck value(EventField field, ValueId& id) {
    element found;
    if (!find(field, found)) return {};
    std::optional<std::string> problem = read_json_value(found, values_, id);
    if (!problem) return {};
    return EventProblem{.what = *std::move(problem), .field = field};
  }

  EventCheck time() {
    element found;
    if (!find(EventField::kTime, found) || found.is_null()) return {};
    std::int64_t at = 0;
    if (found.get(at) != simdjson::SUCCESS || at == kNever) {
      return wrong(EventField::kTime, "a whole number of nanoseconds");
    }
    event_.at = at;
    return {};
  }

  const object& from_;
  const EventNames& names_;
  Values& values_;
  Event& event_;
};

}  // namespace

struct JsonEventParser::State {
  Values& values;
  const EventNames& names;
  simdjson::dom::parser parser{};
};

JsonEventParser::JsonEventParser(Values& values, const EventNames& names)
    : state_(new State{.values = values, .names = names}) {}
JsonEventParser::~JsonEventParser() = default;

EventCheck JsonEventParser::parse(std::string_view line, std::string_view text, Event& event) {
  event = {};
  if (line.size() > kMaxJsonlLine) {
    return EventProblem{.what = "the line is longer than the limit of " +
                                std::to_string(kMaxJsonlLine) + " bytes"};
  }
  // Only near the end of the text must the line be copied to have bytes behind it.
  const bool is_copied = text.size() < line.size() + simdjson::SIMDJSON_PADDING;
  element root;
  const simdjson::error_code error =
      state_->parser.parse(line.data(), line.size(), is_copied).get(root);
  if (error != simdjson::SUCCESS) {
    return EventProblem{.what = std::string("not valid JSON: ") + simdjson::error_message(error),
                        .is_syntax = true};
  }
  object from;
  if (root.get(from) == simdjson::SUCCESS) {
    return FieldReader(from, state_->names, state_->values, event).read();
  }
  return EventProblem{.what = "an event is an object: " +
                              std::string(&state_->names == &jepsen_json_names()
                                              ? R"({"process":0,"type":"invoke","f":"read",…})"
                                              : R"({"p":0,"e":"invoke","f":"read",…})")};
}

bool JsonEventParser::has_jepsen_names(std::string_view line) {
  element root;
  if (line.size() > kMaxJsonlLine) return false;
  if (state_->parser.parse(line.data(), line.size(), true).get(root) != simdjson::SUCCESS) {
    return false;
  }
  object from;
  if (root.get(from) != simdjson::SUCCESS) return false;
  return from["type"].error() == simdjson::SUCCESS && from["e"].error() != simdjson::SUCCESS;
}

}  // namespace squall
