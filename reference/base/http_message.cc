// Headers, status texts, and the pieces of a target.
#include "reference/base/http_message.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace squall::reference {
namespace {

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string> unescape(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      result += text[at];
      continue;
    }
    unsigned char byte = 0;
    if (at + 2 >= text.size()) return std::nullopt;
    const char* const first = text.data() + at + 1;
    const auto [end, error] = std::from_chars(first, first + 2, byte, 16);
    if (error != std::errc() || end != first + 2) return std::nullopt;
    result += static_cast<char>(byte);
    at += 2;
  }
  return result;
}

}  // namespace

std::string_view Headers::get(std::string_view name) const {
  for (const auto& [other, value] : all_) {
    if (same_name(other, name)) return value;
  }
  return {};
}

bool Headers::has(std::string_view name) const {
  return std::any_of(all_.begin(), all_.end(),
                     [&](const auto& header) { return same_name(header.first, name); });
}

void Headers::set(std::string_view name, std::string_view value) {
  std::erase_if(all_, [&](const auto& header) { return same_name(header.first, name); });
  all_.emplace_back(name, value);
}

std::string_view reason(int status) {
  struct Row {
    int status;
    std::string_view text;
  };
  constexpr std::array kRows = {
      Row{200, "OK"},
      Row{204, "No Content"},
      Row{400, "Bad Request"},
      Row{404, "Not Found"},
      Row{405, "Method Not Allowed"},
      Row{408, "Request Timeout"},
      Row{409, "Conflict"},
      Row{413, "Payload Too Large"},
      Row{415, "Unsupported Media Type"},
      Row{429, "Too Many Requests"},
      Row{431, "Request Header Fields Too Large"},
      Row{499, "Client Closed Request"},
      Row{500, "Internal Server Error"},
      Row{501, "Not Implemented"},
      Row{502, "Bad Gateway"},
      Row{503, "Service Unavailable"},
      Row{504, "Gateway Timeout"},
  };
  for (const Row& row : kRows) {
    if (row.status == status) return row.text;
  }
  return "Unknown";
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, std::min(target.find('?'), target.find('#')));
}

std::optional<std::vector<std::string>> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) {
      std::optional<std::string> segment = unescape(path.substr(0, slash));
      if (!segment) return std::nullopt;
      segments.push_back(*std::move(segment));
    }
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return segments;
}

}  // namespace squall::reference
