// Escaping, and RFC 4648 for the policy.
#include "report/page_frame.h"

#include "base/digest.h"
#include "history/utf8.h"

namespace squall {
namespace {

unsigned nibble(char digit) {
  return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

// RFC 4648, from lower-case hexadecimal.
std::string base64_of_hex(const std::string& hex) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  unsigned bits = 0;
  unsigned held = 0;
  for (const char digit : hex) {
    bits = (bits << 4U) | nibble(digit);
    held += 4;
    if (held < 6) continue;
    held -= 6;
    text += kAlphabet[(bits >> held) & 63U];
  }
  if (held > 0) text += kAlphabet[(bits << (6 - held)) & 63U];
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

}  // namespace

std::string html_escaped(const std::string& text) {
  std::string html;
  for (const char letter : to_utf8(text)) {
    switch (letter) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += letter;
    }
  }
  return html;
}

std::string policy_digest(std::string_view code) {
  Digest digest;
  digest.add(code);
  return "'sha256-" + base64_of_hex(digest.hex()) + "'";
}

}  // namespace squall
