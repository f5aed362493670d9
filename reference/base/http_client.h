// HTTP/1.1 requests on the event loop, over connections that are kept and used again.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "reference/base/endpoint.h"
#include "reference/base/http_message.h"
#include "reference/base/loop.h"

namespace squall::reference {

struct HttpOutcome {
  // Any complete answer is a value, whatever its status.  kTimeout: the deadline passed.
  Result<HttpResponse> answer;
  // Some byte of the request was handed to the kernel: the server may have acted on it.
  bool was_sent = false;
  // It went over a connection that had served before; the server may have been closing it.
  bool was_reused = false;
};

struct HttpClientLimits {
  std::size_t idle_per_server = 64;                 // connections kept
  std::size_t body_bytes = std::size_t{16} << 20U;  // of an answer; more is an error
  Duration connecting = std::chrono::seconds(1);    // also bounded by the call's own time
};

// A call under way.  Destroying it gives the call up: its callback does not run, its connection is
// closed.
class HttpCall {
 public:
  virtual ~HttpCall() = default;
  HttpCall(const HttpCall&) = delete;
  HttpCall& operator=(const HttpCall&) = delete;

 protected:
  HttpCall() = default;
};

// Loop thread only.  Callbacks never run inside call() or stream().
class HttpClient {
 public:
  explicit HttpClient(Loop& loop, HttpClientLimits limits = {});
  // Gives up the calls under way: their callbacks do not run.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // One request and its answer within `timeout`; `done` is called once.
  void call(const Endpoint& server, const HttpRequest& request, Duration timeout,
            std::function<void(HttpOutcome)> done);
  // The same, but the handle can give it up.
  [[nodiscard]] std::unique_ptr<HttpCall> start(const Endpoint& server, const HttpRequest& request,
                                                Duration timeout,
                                                std::function<void(HttpOutcome)> done);
  // An answer without an end, for watches: `on_part` gets its body piece by piece, `done` its end
  // (an answer with an empty body) or error.  `timeout` is for the answer's header only.
  [[nodiscard]] std::unique_ptr<HttpCall> stream(const Endpoint& server, const HttpRequest& request,
                                                 Duration timeout,
                                                 std::function<void(std::string_view)> on_part,
                                                 std::function<void(HttpOutcome)> done);
  // Forgets the kept connections to a server, for example when it left the registry.
  void forget(const Endpoint& server);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace squall::reference
