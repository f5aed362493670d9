// Many HTTP/1.1 requests at a time, on one thread of its own: what an open loop sends through.
// Connections are kept alive and used again, the last used first.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "workload/connection.h"

namespace squall {

using HttpFields = std::vector<std::pair<std::string, std::string>>;

struct AsyncHttpRequest {
  std::string target = "/";
  HttpFields fields{};  // besides Host, Content-Type and Content-Length
  std::string body{};   // JSON
};

struct AsyncHttpAnswer {
  int status = 0;
  HttpFields fields{};  // names in lower case
  std::string body{};
};

struct AsyncHttpEnd {
  Result<AsyncHttpAnswer> answer;  // any complete answer is a value, whatever its status
  ExchangeTimes times{};           // not sent: the request certainly had no effect
};

enum class Spread {
  kFirst,       // all to the first server that can be reached
  kRoundRobin,  // each request to the next server
};

class AsyncHttp {
 public:
  // `servers`: at least one, with IP addresses.
  [[nodiscard]] static Result<AsyncHttp> open(const std::vector<SocketAddress>& servers,
                                              Spread spread);
  AsyncHttp(AsyncHttp&&) noexcept;
  AsyncHttp& operator=(AsyncHttp&&) noexcept;
  // What is under way is dropped; its `done` is not called.
  ~AsyncHttp();

  // Thread-safe, never blocks.  `done` is called once, on our thread, and must not block.  A server
  // that cannot be reached is passed over for the next, since nothing was sent yet; one that failed
  // later is left for the requests after.  Never sent twice.
  void post(AsyncHttpRequest request, MonoTime deadline, std::function<void(AsyncHttpEnd)> done);

 private:
  struct State;
  explicit AsyncHttp(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace squall
