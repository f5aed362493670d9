// Reads and writes "ip:port".
#include "reference/base/endpoint.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace squall::reference {
namespace {

Error bad(std::string_view text, const std::string& why) {
  return Error{Errc::kInvalid, "'" + std::string(text) + "': " + why};
}

bool is_address(const std::string& ip, int family) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(family, ip.c_str(), bytes.data()) == 1;
}

}  // namespace

std::string to_text(const Endpoint& endpoint) {
  const bool is_v6 = endpoint.ip.find(':') != std::string::npos;
  return (is_v6 ? "[" + endpoint.ip + "]" : endpoint.ip) + ":" + std::to_string(endpoint.port);
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  std::string_view rest = text;
  if (rest.starts_with(kScheme)) rest.remove_prefix(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) return bad(text, "no port; write ip:port");
  std::string ip(rest.substr(0, colon));
  const bool is_v6 = ip.size() > 2 && ip.front() == '[' && ip.back() == ']';
  if (is_v6) ip = ip.substr(1, ip.size() - 2);
  if (!is_address(ip, is_v6 ? AF_INET6 : AF_INET)) {
    return bad(text, "'" + ip + "' is not an IP address; write 10.0.0.1:80 or [fd00::1]:80");
  }
  const std::string_view port_text = rest.substr(colon + 1);
  Endpoint endpoint{.ip = ip, .port = 0};
  const char* const last = port_text.data() + port_text.size();
  const auto [end, error] = std::from_chars(port_text.data(), last, endpoint.port);
  if (error != std::errc() || end != last) {
    return bad(text, "'" + std::string(port_text) + "' is not a port");
  }
  return endpoint;
}

Result<std::vector<Endpoint>> parse_endpoints(std::string_view text) {
  std::vector<Endpoint> endpoints;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t comma = rest.find(',');
    endpoints.push_back(TRY(parse_endpoint(rest.substr(0, comma))));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  if (endpoints.empty()) return bad(text, "no endpoint; write ip:port,ip:port");
  return endpoints;
}

}  // namespace squall::reference
