// Numbers and names into one buffer.
#include "history/generate/event_writer.h"

#include <array>
#include <charconv>

namespace squall {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10U;

void append_field(std::string_view name, std::string_view json, std::string& out) {
  if (json.empty()) return;
  out += name;
  out += json;
}

}  // namespace

void append_integer(std::int64_t number, std::string& out) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end.ptr);
}

Result<> EventWriter::write(const GeneratedEvent& event) {
  text_ += "{\"i\":";
  append_integer(next_index_++, text_);
  text_ += ",\"p\":";
  append_integer(event.process, text_);
  text_ += ",\"e\":\"";
  text_ += event.kind;
  text_ += "\",\"f\":\"";
  text_ += event.f;
  text_ += '"';
  append_field(",\"k\":", event.key, text_);
  append_field(",\"v\":", event.value, text_);
  text_ += ",\"t\":";
  append_integer(event.at, text_);
  if (!event.error.empty()) {
    text_ += ",\"err\":\"";
    text_ += event.error;
    text_ += '"';
  }
  text_ += "}\n";
  return text_.size() < kBlock ? Result<>() : flush();
}

Result<> EventWriter::write_line(std::string_view line) {
  text_ += line;
  text_ += '\n';
  return text_.size() < kBlock ? Result<>() : flush();
}

Result<> EventWriter::flush() {
  const Result<> written = sink_(text_);
  text_.clear();
  return written;
}

}  // namespace squall
