// One JSON object of a history as an event.  Two readers that agree: one for every object there can
// be (simdjson), and one that gives up at the first thing that is not plain, several times as fast.
#pragma once

#include <memory>
#include <string_view>

#include "history/event.h"
#include "history/value.h"

namespace squall {

class JsonEventParser {
 public:
  JsonEventParser(Values& values, const EventNames& names);
  JsonEventParser(JsonEventParser&&) = delete;
  ~JsonEventParser();

  // `line` starts `text`, the rest of which may be read (not used) a few bytes past the line.
  [[nodiscard]] EventCheck parse(std::string_view line, std::string_view text, Event& event);
  // Whether the object names its fields as Jepsen does; false for what is no object.
  [[nodiscard]] bool has_jepsen_names(std::string_view line);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// An object on a line of its own that begins at `text`, where a line break is certain to come: one
// past that, or null if it is not plain (escapes, fractions, objects as values, an unknown or
// doubled field of that kind, whatever is wrong): then nothing is known and JsonEventParser
// decides.
[[nodiscard]] const char* parse_plain_event(const char* text, const EventNames& names,
                                            Values& values, Event& event);

}  // namespace squall
