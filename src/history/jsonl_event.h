// One JSON line of a history as a typed event: types, limits and names are checked, order is not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "history/value.h"

namespace squall {

enum class EventKind : std::uint8_t { kInvoke, kOk, kFail, kInfo };

struct JsonlEvent {
  bool is_skipped = false;  // not of a numbered process: nothing else is filled in
  std::int64_t process = 0;
  EventKind kind = EventKind::kInvoke;
  std::string_view function{};  // "": a completion that leaves it out; valid until the next parse
  ValueId key = kAbsent;
  ValueId value = kAbsent;
  ValueId error = kAbsent;
  std::optional<std::int64_t> at{};  // ns
};

// What is wrong with a line: in the value of `field`, or ("") in the line as such.
struct LineError {
  std::string what;
  std::string_view field;
  bool is_syntax = false;
};
// Nothing: all is well.
using Checked = std::optional<LineError>;

class JsonlParser {
 public:
  explicit JsonlParser(Values& values);
  JsonlParser(JsonlParser&&) = delete;
  ~JsonlParser();

  // `line` starts `text`, the rest of which may be read (not used) a few bytes past the line.
  [[nodiscard]] Checked parse(std::string_view line, std::string_view text, JsonlEvent& event);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace squall
