// The page around the data.
#include "report/html.h"

#include <array>

#include "base/check.h"
#include "base/digest.h"
#include "history/utf8.h"
#include "report/markdown.h"
#include "report/web_assets.h"

namespace squall {
namespace {

struct Part {
  std::string_view placeholder;
  std::string text;
};

std::string escaped(const std::string& text) {
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

std::string source_of(std::string_view code) {
  Digest digest;
  digest.add(code);
  return "'sha256-" + base64_of_hex(digest.hex()) + "'";
}

std::string policy() {
  return "default-src 'none'; script-src " + source_of(web_js()) + "; style-src " +
         source_of(web_css()) + "; base-uri 'none'; form-action 'none'";
}

// In one pass from left to right: a placeholder's name inside the data stays what it is.
std::string filled(std::string_view frame, const std::array<Part, 6>& parts) {
  std::string page;
  for (const Part& part : parts) {
    const std::size_t at = frame.find(part.placeholder);
    CHECK(at != std::string_view::npos);
    page += frame.substr(0, at);
    page += part.text;
    frame.remove_prefix(at + part.placeholder.size());
  }
  page += frame;
  return page;
}

}  // namespace

std::string html_report(const ReportInput& input) {
  const std::string title =
      headline(input.judgement.code) + ": " + meta_of(input.recording, "scenario");
  return filled(web_html(), {{{"{{policy}}", policy()},
                              {"{{title}}", escaped(title)},
                              {"{{style}}", std::string(web_css())},
                              {"{{plain}}", escaped(markdown_report(input))},
                              {"{{data}}", page_data(input)},
                              {"{{script}}", std::string(web_js())}}});
}

}  // namespace squall
