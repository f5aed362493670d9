// Asking a process for the time of day.
#include "workload/ask_clock.h"

#include <charconv>
#include <ctime>

#include "workload/http.h"
#include "workload/resp.h"

namespace squall {
namespace {

constexpr std::string_view kRedis = "redis-server";

Result<std::int64_t> whole_number(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  return Error{Errc::kIo, "'" + text + "' is not a number"};
}

Result<Duration> told_by_http(const std::string& url, int netns, MonoTime deadline) {
  const HttpUrl at = TRY(parse_http_url(url));
  HttpClient client(at.server, netns);
  const HttpAnswer answer = TRY(client.exchange({.method = "GET", .target = at.target}, deadline));
  if (answer.date.empty()) return Error{Errc::kIo, "the answer has no Date header"};
  return parse_http_date(answer.date);
}

Result<Duration> told_by_redis(const std::string& address, int netns, MonoTime deadline) {
  const HttpUrl at = TRY(parse_http_url("http://" + address));
  RespClient client(at.server, netns);
  const RespValue answer = TRY(client.command({"TIME"}, deadline));
  if (answer.items.size() != 2) return Error{Errc::kIo, "TIME answered " + answer.to_text()};
  return Duration(std::chrono::seconds(TRY(whole_number(answer.items[0].text))) +
                  std::chrono::microseconds(TRY(whole_number(answer.items[1].text))));
}

}  // namespace

std::optional<ToldClock> told_clock(const ProcessSpec& process) {
  if (!process.ready.http.empty()) {
    return ToldClock{.what = "Date header", .http = process.ready.http, .tcp = ""};
  }
  const bool is_redis = !process.command.empty() && process.command.front().ends_with(kRedis);
  if (!is_redis || process.ready.tcp.empty()) return std::nullopt;
  return ToldClock{.what = "TIME", .http = "", .tcp = process.ready.tcp};
}

Result<Duration> ask_clock(const ToldClock& clock, int netns_fd, Duration timeout) {
  const MonoTime deadline = system_clock().mono() + timeout;
  const Duration told = TRY(clock.http.empty() ? told_by_redis(clock.tcp, netns_fd, deadline)
                                               : told_by_http(clock.http, netns_fd, deadline));
  return told - Duration(system_clock().wall().ns());
}

Result<Duration> parse_http_date(const std::string& text) {
  std::tm time{};
  const char* const end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time);
  if (end == nullptr || *end != '\0') {
    return Error{Errc::kInvalid, "'" + text + "' is not an HTTP date"};
  }
  return Duration(std::chrono::seconds(::timegm(&time)));
}

}  // namespace squall
