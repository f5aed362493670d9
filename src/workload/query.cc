// Asking a node whether it leads, by HTTP and JSON or by a Redis command.
#include "workload/query.h"

#include <nlohmann/json.hpp>

#include "base/pattern.h"
#include "workload/http.h"
#include "workload/resp.h"

namespace squall {
namespace {

using nlohmann::json;

constexpr int kOkLeast = 200;
constexpr int kOkMost = 299;

std::string with_ip(std::string text, const std::string& ip) {
  constexpr std::string_view kPlaceholder = "{ip}";
  for (std::size_t at = text.find(kPlaceholder); at != std::string::npos;
       at = text.find(kPlaceholder, at + ip.size())) {
    text.replace(at, kPlaceholder.size(), ip);
  }
  return text;
}

// "header.member_id"; null where the path leads nowhere.
json at_path(const json& value, const std::string& path) {
  const json* here = &value;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const auto found = here->find(path.substr(begin, end - begin));
    if (!here->is_object() || found == here->end()) return {};
    here = &*found;
    begin = end + 1;
  }
  return *here;
}

Result<bool> matches(const std::string& pattern, const std::string& text) {
  return TRY(Pattern::compile(pattern)).is_in(text);
}

Result<bool> judge(const LeaderSpec& spec, const HttpAnswer& answer) {
  if (answer.status < kOkLeast || answer.status > kOkMost) {
    return Error{Errc::kIo, "HTTP " + std::to_string(answer.status)};
  }
  if (!spec.matches.empty() && !TRY(matches(spec.matches, answer.body))) return false;
  if (spec.same.size() != 2) return !spec.matches.empty();
  const json body = json::parse(answer.body, nullptr, false);
  if (body.is_discarded()) return Error{Errc::kIo, "the answer is not JSON"};
  const json left = at_path(body, spec.same[0]);
  return !left.is_null() && left == at_path(body, spec.same[1]);
}

Result<bool> ask_by_http(const LeaderSpec& spec, const std::string& ip, int netns,
                         MonoTime deadline) {
  const HttpUrl url = TRY(parse_http_url(with_ip(spec.http, ip)));
  HttpClient client(url.server, netns);
  const HttpAnswer answer = TRY(client.exchange(
      {.method = spec.post.empty() ? "GET" : "POST", .target = url.target, .body = spec.post},
      deadline));
  return judge(spec, answer);
}

Result<bool> ask_by_redis(const LeaderSpec& spec, const std::string& ip, int netns,
                          MonoTime deadline) {
  RespClient client(SocketAddress{ip, static_cast<std::uint16_t>(spec.port)}, netns);
  const RespValue answer = TRY(client.command(spec.redis, deadline));
  if (answer.is_error()) return Error{Errc::kIo, answer.text};
  return matches(spec.matches, answer.to_text());
}

}  // namespace

Result<bool> ask_leader(const LeaderSpec& spec, const std::string& ipv4, int netns_fd,
                        Duration timeout) {
  const MonoTime deadline = system_clock().mono() + timeout;
  const bool is_redis = !spec.redis.empty();
  Result<bool> answer = is_redis ? ask_by_redis(spec, ipv4, netns_fd, deadline)
                                 : ask_by_http(spec, ipv4, netns_fd, deadline);
  return std::move(answer).in("ask " + ipv4 + " whether it leads " + spec.role);
}

}  // namespace squall
