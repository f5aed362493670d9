// HTTP/1.1 requests to one server over one connection that is kept alive.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "workload/connection.h"

namespace squall {

inline constexpr std::size_t kMaxHttpBody = std::size_t{64} << 20U;

struct HttpRequest {
  std::string method = "POST";
  std::string target = "/";
  std::string body{};  // JSON, where there is one
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string date{};  // the Date header; "" without one
};

// "http://198.18.0.2:2379/health"; the host is an IP address ("[fd00::2]" for IPv6).
struct HttpUrl {
  SocketAddress server;
  std::string target;
};
[[nodiscard]] Result<HttpUrl> parse_http_url(const std::string& url);

// Not thread-safe.  After an error the connection is gone and the next exchange makes a new one.
class HttpClient {
 public:
  explicit HttpClient(SocketAddress server, int netns = -1)
      : server_(std::move(server)), netns_(netns) {}

  // Connects unless a usable connection is there.  Nothing of a request is sent.
  [[nodiscard]] Result<> connect(MonoTime deadline);
  // Any complete answer is a value, whatever its status.
  [[nodiscard]] Result<HttpAnswer> exchange(const HttpRequest& request, MonoTime deadline);
  // Of the last exchange.
  [[nodiscard]] const ExchangeTimes& times() const { return times_; }

 private:
  [[nodiscard]] Result<HttpAnswer> receive(bool is_head, MonoTime deadline);

  SocketAddress server_;
  int netns_;
  std::optional<Connection> connection_{};
  bool is_reusable_ = false;  // after the answer that was read last
  ExchangeTimes times_{};
};

}  // namespace squall
