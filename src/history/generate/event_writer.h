// Events as JSON lines, in blocks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "history/generate/generate.h"

namespace squall {

void append_integer(std::int64_t number, std::string& out);

struct GeneratedEvent {
  std::int64_t process = 0;
  std::string_view kind;   // "invoke", "ok", "fail", "info"
  std::string_view f;      // plain ASCII, like all that follows
  std::string_view key{};  // JSON; "": none
  std::string_view value{};
  std::string_view error{};
  std::int64_t at = 0;
};

class EventWriter {
 public:
  explicit EventWriter(const TextSink& sink) : sink_(sink) {}

  [[nodiscard]] Result<> write(const GeneratedEvent& event);
  // A line of another form; takes what `line` holds.
  [[nodiscard]] Result<> write_line(std::string_view line);
  [[nodiscard]] Result<> flush();

 private:
  const TextSink& sink_;
  std::string text_;
  std::int64_t next_index_ = 0;
};

}  // namespace squall
