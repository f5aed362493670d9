// Names of kinds and fields.
#include "history/event.h"

#include <utility>

namespace squall {

std::optional<EventKind> event_kind(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, EventKind>, 4> kKinds = {
      {{"invoke", EventKind::kInvoke},
       {"ok", EventKind::kOk},
       {"fail", EventKind::kFail},
       {"info", EventKind::kInfo}}};
  for (const auto& [known, kind] : kKinds) {
    if (name == known) return kind;
  }
  return std::nullopt;
}

std::string EventNames::quoted(EventField field) const {
  return std::string(before) + std::string(name(field)) + std::string(after);
}

const EventNames& short_json_names() {
  static constexpr EventNames kNames = {{"", "p", "e", "f", "k", "v", "err", "t"}, "\"", "\""};
  return kNames;
}

const EventNames& jepsen_json_names() {
  static constexpr EventNames kNames = {
      {"", "process", "type", "f", "key", "value", "error", "time"}, "\"", "\""};
  return kNames;
}

const EventNames& edn_names() {
  static constexpr EventNames kNames = {
      {"", "process", "type", "f", "key", "value", "error", "time"}, ":", ""};
  return kNames;
}

}  // namespace squall
