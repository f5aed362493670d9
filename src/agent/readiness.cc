// Is a process of the stack ready?  By TCP, by HTTP, by a line of its log.
#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <optional>

#include "agent/stack_process.h"
#include "base/pattern.h"
#include "kernel/wait.h"

namespace squall {
namespace {

// A line of a log longer than this is matched by its beginning.
constexpr std::size_t kMaxLine = 8192;

struct Endpoint {
  std::string host;
  std::string port;
  std::string path = "/";
};

// "198.18.0.1:80" or "[fd00::1]:80".
Result<Endpoint> parse_host_and_port(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    return Error{Errc::kInvalid, "'" + text + "' is not HOST:PORT"};
  }
  Endpoint endpoint{.host = text.substr(0, colon), .port = text.substr(colon + 1)};
  if (endpoint.host.starts_with('[') && endpoint.host.ends_with(']')) {
    endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
  }
  return endpoint;
}

Result<Endpoint> parse_url(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) {
    return Error{Errc::kInvalid, "'" + url + "' does not begin with http://"};
  }
  const std::size_t slash = std::min(url.find('/', kScheme.size()), url.size());
  std::string authority = url.substr(kScheme.size(), slash - kScheme.size());
  if (authority.rfind(':') == std::string::npos || authority.ends_with(']')) authority += ":80";
  Endpoint endpoint = TRY(parse_host_and_port(authority));
  if (slash < url.size()) endpoint.path = url.substr(slash);
  return endpoint;
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

Result<> wait_writable(const Fd& fd, Duration timeout) {
  pollfd output{fd.get(), POLLOUT, 0};
  const auto ms = static_cast<int>(duration_cast<std::chrono::milliseconds>(timeout).count());
  if (::poll(&output, 1, ms) <= 0) return Error{Errc::kTimeout, "no answer"};
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
    return errno_error("connect", error);
  }
  return {};
}

Result<Fd> connect_to(const Endpoint& endpoint, Duration timeout) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(endpoint.host.c_str(), endpoint.port.c_str(), &hints, &found);
  if (code != 0) return Error{Errc::kIo, "look up " + endpoint.host + ": " + ::gai_strerror(code)};
  const std::unique_ptr<addrinfo, FreeAddresses> list(found);
  Fd fd(::socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return errno_error("open a socket");
  if (::connect(fd.get(), list->ai_addr, list->ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return errno_error("connect");
    TRY(wait_writable(fd, timeout));
  }
  return fd;
}

// "HTTP/1.1 200 OK" is 200.
Result<int> http_status(const Endpoint& endpoint, Duration timeout) {
  const Fd fd = TRY(connect_to(endpoint, timeout));
  const std::string request = "GET " + endpoint.path + " HTTP/1.0\r\nHost: " + endpoint.host +
                              "\r\nConnection: close\r\n\r\n";
  if (::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    return errno_error("send");
  }
  std::string answer;
  while (answer.find("\r\n") == std::string::npos) {
    if (!TRY(wait_readable(fd, timeout))) return Error{Errc::kTimeout, "no answer"};
    std::array<char, 512> buffer{};
    const ssize_t count = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
    if (count < 0) return errno_error("receive");
    if (count == 0 || answer.size() > kMaxLine) break;
    answer.append(buffer.data(), static_cast<std::size_t>(count));
  }
  const std::size_t space = answer.find(' ');
  if (!answer.starts_with("HTTP/") || space == std::string::npos) {
    return Error{Errc::kIo, "the answer is not HTTP"};
  }
  return std::atoi(answer.c_str() + space + 1);
}

std::string missing_http(const std::string& url, Duration timeout) {
  const Result<Endpoint> endpoint = parse_url(url);
  if (!endpoint.ok()) return endpoint.error().what;
  const Result<int> status = http_status(*endpoint, timeout);
  if (!status.ok()) return url + ": " + status.error().what;
  if (*status >= 200 && *status < 300) return "";
  return url + " answered " + std::to_string(*status);
}

std::string missing_tcp(const std::string& address, Duration timeout) {
  const Result<Endpoint> endpoint = parse_host_and_port(address);
  if (!endpoint.ok()) return endpoint.error().what;
  const Result<Fd> connected = connect_to(*endpoint, timeout);
  return connected.ok() ? "" : address + ": " + connected.error().what;
}

std::string missing_line(const std::string& path, std::uint64_t from, const std::string& pattern) {
  const Result<Pattern> wanted = Pattern::compile(pattern);
  if (!wanted.ok()) return wanted.error().what;
  std::ifstream log(path);
  log.seekg(static_cast<std::streamoff>(from));
  for (std::string line; std::getline(log, line);) {
    if (wanted->is_in(line)) return "";
  }
  return "no line of its log matches '" + pattern + "'";
}

}  // namespace

Result<> check_ready(const ReadyWhen& ready) {
  if (!ready.http.empty()) TRY(parse_url(ready.http));
  if (!ready.tcp.empty()) TRY(parse_host_and_port(ready.tcp));
  if (!ready.log.empty()) TRY(Pattern::compile(ready.log));
  return {};
}

Result<std::string> what_is_missing(const StackProcess& process, std::uint64_t log_from,
                                    Duration timeout) {
  std::string missing;
  if (!process.ready.tcp.empty()) missing = missing_tcp(process.ready.tcp, timeout);
  if (missing.empty() && !process.ready.http.empty()) {
    missing = missing_http(process.ready.http, timeout);
  }
  if (missing.empty() && !process.ready.log.empty()) {
    missing = missing_line(process.log_path, log_from, process.ready.log);
  }
  return missing;
}

}  // namespace squall
