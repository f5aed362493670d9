// One event of a history that is being read, whatever the format: types, limits and names of its
// fields are checked by whoever read it, the order of events by EventPairing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "history/value.h"

namespace squall {

enum class EventKind : std::uint8_t { kInvoke, kOk, kFail, kInfo };
[[nodiscard]] std::optional<EventKind> event_kind(std::string_view name);  // "invoke", "ok", …

// kNone: the event as such.
enum class EventField : std::uint8_t {
  kNone,
  kProcess,
  kKind,
  kFunction,
  kKey,
  kValue,
  kError,
  kTime
};
inline constexpr std::size_t kEventFields = 8;

// What a format calls the fields, by EventField, without quotes or colons: "p", "process".
struct EventNames {
  std::array<std::string_view, kEventFields> names;
  std::string_view before;  // how messages write a name: \"t\" or :time
  std::string_view after;
  [[nodiscard]] std::string_view name(EventField field) const {
    return names[static_cast<std::size_t>(field)];
  }
  [[nodiscard]] std::string quoted(EventField field) const;
};
[[nodiscard]] const EventNames& short_json_names();   // {"p":0,"e":"ok","f":"read",…}
[[nodiscard]] const EventNames& jepsen_json_names();  // {"process":0,"type":"ok",…}
[[nodiscard]] const EventNames& edn_names();          // {:process 0, :type :ok, …}

struct Event {
  bool is_skipped = false;  // not of a numbered process: nothing else is filled in
  EventKind kind = EventKind::kInvoke;
  std::int64_t process = 0;
  std::string_view function{};  // "": a completion that leaves it out; valid until the next event
  ValueId key = kAbsent;
  ValueId value = kAbsent;
  ValueId error = kAbsent;
  std::optional<std::int64_t> at{};  // ns
};

// What is wrong with an event, and in which of its fields.
struct EventProblem {
  std::string what;
  EventField field = EventField::kNone;
  bool is_syntax = false;
};
// Nothing: all is well.
using EventCheck = std::optional<EventProblem>;

}  // namespace squall
