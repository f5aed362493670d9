// Escapes and numbers of JSON.
#include "reference/base/json_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

namespace squall::reference {
namespace {

// The length of the UTF-8 sequence at the front, or 0 where it is none (RFC 3629, section 4).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  const auto is_tail = [&](std::size_t at) { return (byte(at) & 0xc0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80U) return 1;
  if (first >= 0xc2U && first <= 0xdfU) return is_tail(1) ? 2 : 0;
  if (first >= 0xe0U && first <= 0xefU) {
    const bool is_overlong = first == 0xe0U && byte(1) < 0xa0U;
    const bool is_surrogate = first == 0xedU && byte(1) > 0x9fU;
    return is_tail(1) && is_tail(2) && !is_overlong && !is_surrogate ? 3 : 0;
  }
  if (first >= 0xf0U && first <= 0xf4U) {
    const bool is_overlong = first == 0xf0U && byte(1) < 0x90U;
    const bool is_too_high = first == 0xf4U && byte(1) > 0x8fU;
    return is_tail(1) && is_tail(2) && is_tail(3) && !is_overlong && !is_too_high ? 4 : 0;
  }
  return 0;
}

void append_control(std::string& out, char letter) {
  switch (letter) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(letter);
  out += "\\u00";
  out += "0123456789abcdef"[byte >> 4U];
  out += "0123456789abcdef"[byte & 0xfU];
}

template <typename Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc()) out.append(text.data(), end);
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const char letter = text.front();
    const std::size_t length = sequence_length(text);
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (static_cast<unsigned char>(letter) < 0x20U) {
      append_control(out, letter);
    } else if (length == 0) {
      out += "\xef\xbf\xbd";
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

void append_json(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  append_number(out, number);
}

void append_json(std::string& out, float number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  append_number(out, number);
}

void append_json(std::string& out, std::int64_t number) {
  append_number(out, number);
}

std::string error_body(std::string_view what) {
  std::string body = "{\"error\":";
  append_json(body, what);
  return body + "}";
}

}  // namespace squall::reference
