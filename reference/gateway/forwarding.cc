// Lists of headers.
#include "reference/gateway/forwarding.h"

#include <array>

namespace squall::reference {
namespace {

// The last one belongs to the protocol's extension for binary data.
constexpr std::array<std::string_view, 6> kOnward = {
    "content-type", "accept",    "tracestate",
    "baggage",      "x-user-id", "inference-header-content-length"};
constexpr std::array<std::string_view, 3> kBackward = {"content-type", "retry-after",
                                                       "inference-header-content-length"};

bool is_own(std::string_view name) {
  return name.starts_with("x-") || name.starts_with("X-");
}

// RFC 3986: what need not be encoded.
bool is_unreserved(char letter) {
  const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
  const bool is_digit = letter >= '0' && letter <= '9';
  return is_letter || is_digit || std::string_view("-._~").find(letter) != std::string_view::npos;
}

std::string encoded(std::string_view segment) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char letter : segment) {
    if (is_unreserved(letter)) {
      text += letter;
      continue;
    }
    const auto byte = static_cast<unsigned char>(letter);
    text += '%';
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xfU];
  }
  return text;
}

}  // namespace

std::string infer_target(std::string_view model, std::string_view version) {
  return "/v2/models/" + encoded(model) + "/versions/" + encoded(version) + "/infer";
}

Headers passed_on(const Headers& request) {
  Headers headers;
  for (const std::string_view name : kOnward) {
    const std::string_view value = request.get(name);
    if (!value.empty()) headers.add(std::string(name), std::string(value));
  }
  return headers;
}

HttpResponse passed_back(HttpResponse answer) {
  Headers headers;
  for (const std::string_view name : kBackward) {
    const std::string_view value = answer.headers.get(name);
    if (!value.empty()) headers.add(std::string(name), std::string(value));
  }
  for (const auto& [name, value] : answer.headers.all()) {
    if (is_own(name)) headers.add(name, value);
  }
  answer.headers = std::move(headers);
  answer.is_last = false;
  return answer;
}

}  // namespace squall::reference
