// An HTTP/1.1 server on loopback that does what a test says, well or badly.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "base/fd.h"

namespace squall::testing_workload {

struct StubRequest {
  std::string head;  // request line and header fields
  std::string body;
  int connection = 0;  // from 1
  int number = 0;      // of all requests, from 1
};

struct StubReply {
  std::string bytes{};  // as they go over the wire
  bool then_close = false;
  bool then_reset = false;  // an RST instead of an end
};
// 200 with this body and these further header lines ("x-a: b\r\n").
[[nodiscard]] StubReply http_reply(int status, const std::string& body,
                                   const std::string& fields = "");

// Holds whoever waits until it is opened.
class Gate {
 public:
  void wait();
  void open();

 private:
  std::mutex mutex_{};
  std::condition_variable opened_{};
  bool is_open_ = false;
};

class HttpStub {
 public:
  // `handler` runs on the connection's own thread, so it may wait at a Gate, which must be open
  // before the stub ends.
  explicit HttpStub(std::function<StubReply(const StubRequest&)> handler,
                    const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  HttpStub(const HttpStub&) = delete;
  HttpStub& operator=(const HttpStub&) = delete;
  ~HttpStub();
  [[nodiscard]] std::string port() const { return std::to_string(port_); }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void accept_all();
  void serve(int socket, int connection);

  std::function<StubReply(const StubRequest&)> handler_;
  std::uint16_t port_ = 0;
  Fd listener_;
  std::atomic<int> connections_ = 0;
  std::atomic<int> requests_ = 0;
  std::mutex mutex_{};
  std::list<Fd> sockets_{};
  std::list<std::thread> threads_{};
  std::thread acceptor_{};
};

}  // namespace squall::testing_workload
