// One connection of the HTTP server.  Included by its .cc files only: it shows Asio's socket
// through a pointer.
#pragma once

#include <memory>
#include <string>

#include "reference/base/http_server.h"

namespace boost::asio {
class any_io_executor;
template <typename Protocol, typename Executor>
class basic_stream_socket;
namespace ip {
class tcp;
}  // namespace ip
}  // namespace boost::asio

namespace squall::reference {

using TcpSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::any_io_executor>;

class HttpConnection;

// What a connection asks of its server, which outlives it or closes it first.
class HttpConnectionOwner {
 public:
  virtual ~HttpConnectionOwner() = default;
  virtual void handle(HttpRequest request, HttpReply reply) = 0;
  // It was closed.
  virtual void forget(const std::shared_ptr<HttpConnection>& connection) = 0;
  [[nodiscard]] virtual MonoTime now() const = 0;
  [[nodiscard]] virtual const std::string& date_text() = 0;
  [[nodiscard]] virtual const HttpServerLimits& bounds() const = 0;
  [[nodiscard]] virtual bool is_draining() const = 0;
};

// Reads a request, waits for its answer, writes it, and again.  The owner keeps it alive.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(TcpSocket&& socket, HttpConnectionOwner& owner);
  ~HttpConnection();

  void start();
  void close();
  void close_if_late(MonoTime now);
  // Unless a request was admitted whose answer is not sent yet.
  void close_if_quiet();

 private:
  struct State;
  void read();
  void on_received();
  [[nodiscard]] bool parse();  // true: more bytes are needed
  void refuse(int status, std::string_view why);
  void dispatch();
  void answer(std::uint64_t request, const HttpResponse& response);
  void write();
  void on_written();
  void linger();

  std::unique_ptr<State> state_;
};

}  // namespace squall::reference
