// HTTP/1.1 on Asio sockets.  Beast parses; answers are written as text in one piece.
#include "reference/base/http_server.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <set>
#include <utility>

#include "reference/base/http_connection.h"
#include "reference/base/http_date.h"

namespace squall::reference {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// How often connections that ran out of time are looked for.
constexpr Duration kSweep = std::chrono::seconds(1);
// Before accepting again after the kernel refused, for example for want of descriptors.
constexpr Duration kAcceptPause = std::chrono::milliseconds(50);

struct HttpServer::State : HttpConnectionOwner, std::enable_shared_from_this<State> {
  State(Loop& loop, const Clock& time)
      : clock(time), date(time), acceptor(loop.context()), sweep(loop), pause(loop) {}

  void accept();
  void on_accepted(const error_code& error, tcp::socket socket);
  void watch_time();
  void close_all();
  void end_if_done();

  void handle(HttpRequest request, HttpReply reply) override {
    if (handler) handler(std::move(request), std::move(reply));
  }
  void forget(const std::shared_ptr<HttpConnection>& connection) override;
  [[nodiscard]] MonoTime now() const override { return clock.mono(); }
  [[nodiscard]] const std::string& date_text() override { return date.text(); }
  [[nodiscard]] const HttpServerLimits& bounds() const override { return limits; }
  [[nodiscard]] bool is_draining() const override { return draining; }

  const Clock& clock;
  HttpDate date;
  HttpHandler handler{};
  HttpServerLimits limits{};
  tcp::acceptor acceptor;
  Timer sweep;
  Timer pause;
  std::set<std::shared_ptr<HttpConnection>> connections{};
  bool is_accepting = false;
  bool draining = false;
  bool is_gone = false;
  std::function<void()> on_finished{};
};

void HttpServer::State::accept() {
  if (is_accepting || !acceptor.is_open() || connections.size() >= limits.connections) return;
  is_accepting = true;
  acceptor.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
    self->is_accepting = false;
    self->on_accepted(error, std::move(socket));
  });
}

void HttpServer::State::on_accepted(const error_code& error, tcp::socket socket) {
  if (is_gone || !acceptor.is_open()) return;
  if (error) {
    pause.after(kAcceptPause, [this] { accept(); });
    return;
  }
  error_code ignored;  // without it, answers are only later
  socket.set_option(tcp::no_delay(true), ignored);
  const auto connection = std::make_shared<HttpConnection>(std::move(socket), *this);
  connections.insert(connection);
  connection->start();
  accept();
}

void HttpServer::State::watch_time() {
  sweep.after(kSweep, [this] {
    const MonoTime at = now();
    const auto all = connections;  // closing one changes the set
    for (const auto& connection : all) connection->close_if_late(at);
    watch_time();
  });
}

void HttpServer::State::forget(const std::shared_ptr<HttpConnection>& connection) {
  connections.erase(connection);
  if (is_gone) return;
  accept();
  end_if_done();
}

void HttpServer::State::end_if_done() {
  if (!on_finished || !connections.empty()) return;
  // Moved out first: it may destroy the server.
  const std::function<void()> done = std::exchange(on_finished, nullptr);
  done();
}

void HttpServer::State::close_all() {
  is_gone = true;
  handler = nullptr;
  on_finished = nullptr;
  error_code ignored;
  acceptor.close(ignored);
  sweep.cancel();
  pause.cancel();
  const auto all = connections;
  for (const auto& connection : all) connection->close();
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(Loop& loop, const Clock& clock,
                                                       const Endpoint& at, HttpHandler handler,
                                                       HttpServerLimits limits) {
  const std::string attempt = "listen on " + to_text(at);
  error_code error;
  const auto address = asio::ip::make_address(at.ip, error);
  if (error) return Error{Errc::kInvalid, attempt + ": " + error.message()};
  const tcp::endpoint endpoint(address, at.port);
  auto state = std::make_shared<State>(loop, clock);
  state->handler = std::move(handler);
  state->limits = limits;
  const auto is_fine = [&](const error_code& step) {
    if (!error) error = step;
    return !error;
  };
  error_code step;
  state->acceptor.open(endpoint.protocol(), step);
  if (is_fine(step)) state->acceptor.set_option(tcp::acceptor::reuse_address(true), step);
  if (is_fine(step)) state->acceptor.bind(endpoint, step);
  if (is_fine(step)) state->acceptor.listen(asio::socket_base::max_listen_connections, step);
  if (!is_fine(step)) return Error{Errc::kIo, attempt + ": " + error.message()};
  state->accept();
  state->watch_time();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

HttpServer::~HttpServer() {
  state_->close_all();
}

std::uint16_t HttpServer::port() const {
  error_code error;
  const tcp::endpoint endpoint = state_->acceptor.local_endpoint(error);
  return error ? std::uint16_t{0} : endpoint.port();
}

void HttpServer::begin_drain() {
  state_->draining = true;
}

void HttpServer::finish(std::function<void()> done) {
  state_->draining = true;
  error_code ignored;
  state_->acceptor.close(ignored);
  const auto all = state_->connections;
  for (const auto& connection : all) connection->close_if_quiet();
  state_->on_finished = std::move(done);
  state_->end_if_done();
}

std::size_t HttpServer::open_connections() const {
  return state_->connections.size();
}

}  // namespace squall::reference
