// An HTTP/1.1 server with keep-alive on the event loop.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "base/result.h"
#include "base/time.h"
#include "reference/base/endpoint.h"
#include "reference/base/http_message.h"
#include "reference/base/loop.h"

namespace squall::reference {

// Answers one request, once, now or later, on the loop's thread.  It may outlive the connection and
// the server: then it does nothing.  Copies are the same answer; the second call does nothing.
using HttpReply = std::function<void(HttpResponse)>;
// Called on the loop's thread.  One request of a connection at a time; pipelined ones wait.
using HttpHandler = std::function<void(HttpRequest, HttpReply)>;

struct HttpServerLimits {
  std::size_t header_bytes = std::size_t{16} << 10U;  // more: 431
  std::size_t body_bytes = std::size_t{4} << 20U;     // more: 413
  std::size_t connections = 4096;                     // more wait in the kernel's backlog
  Duration idle = std::chrono::seconds(60);           // between requests
  Duration reading = std::chrono::seconds(10);        // from a request's first byte to its last
};

// Loop thread only.  What is not HTTP is answered with 400 and {"error": …}, and the connection is
// closed.  Every answer has a Date header from the wall clock.
class HttpServer {
 public:
  // Port 0 takes a free one.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> listen(Loop& loop, const Clock& clock,
                                                                  const Endpoint& at,
                                                                  HttpHandler handler,
                                                                  HttpServerLimits limits = {});
  // Closes everything at once.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // From now on every answer says "Connection: close" and is the last one of its connection.
  // Still accepts, so that health checks get their answer.
  void begin_drain();
  // Stops listening, closes idle connections, and calls `done` when the last answer has been sent.
  void finish(std::function<void()> done);
  [[nodiscard]] std::size_t open_connections() const;

 private:
  struct State;
  explicit HttpServer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace squall::reference
