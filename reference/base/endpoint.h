// Where a server listens: an IP address and a port.  Names are not resolved.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace squall::reference {

struct Endpoint {
  std::string ip;  // "10.0.0.1" or "fd00::1", without brackets
  std::uint16_t port = 0;

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// "10.0.0.1:80", "[fd00::1]:80".
[[nodiscard]] std::string to_text(const Endpoint& endpoint);
// Reads back what to_text wrote; "http://" in front and "/" behind are ignored.  kInvalid quotes
// the text.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text);
// Separated by commas, at least one.
[[nodiscard]] Result<std::vector<Endpoint>> parse_endpoints(std::string_view text);

}  // namespace squall::reference
