// The server's side of one connection.
#include "reference/base/http_connection.h"

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <utility>

#include "reference/base/json_text.h"

namespace squall::reference {
namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Parser = beast_http::request_parser<beast_http::string_body>;

// For the other side to read the last answer before we reset what it still sends.
constexpr Duration kLinger = std::chrono::seconds(2);
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

enum class Phase { kIdle, kReading, kHandling, kWriting, kLingering, kClosed };

bool is_framing(beast_http::field name) {
  return name == beast_http::field::content_length || name == beast_http::field::connection ||
         name == beast_http::field::transfer_encoding;
}

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

int status_of(const error_code& error) {
  if (error == beast_http::error::body_limit) return 413;
  if (error == beast_http::error::header_limit) return 431;
  return 400;
}

}  // namespace

struct HttpConnection::State {
  State(tcp::socket&& accepted, HttpConnectionOwner& server)
      : socket(std::move(accepted)), owner(server) {}

  tcp::socket socket;
  HttpConnectionOwner& owner;
  Phase phase = Phase::kIdle;
  MonoTime deadline{};  // of the phase; kHandling has none
  std::array<char, 8192> incoming{};
  std::string received{};
  std::optional<Parser> parser{};
  std::string outgoing{};
  std::uint64_t request = 0;  // counts; an answer to an older one is ignored
  bool is_last = false;       // close after the answer
  bool is_head = false;
  bool was_continued = false;

  void enter(Phase next, Duration limit) {
    phase = next;
    deadline = owner.now() + limit;
  }
};

HttpConnection::HttpConnection(TcpSocket&& socket, HttpConnectionOwner& owner)
    : state_(std::make_unique<State>(std::move(socket), owner)) {}
HttpConnection::~HttpConnection() = default;

void HttpConnection::start() {
  state_->enter(Phase::kIdle, state_->owner.bounds().idle);
  read();
}

void HttpConnection::close() {
  if (state_->phase == Phase::kClosed) return;
  state_->phase = Phase::kClosed;
  error_code ignored;
  state_->socket.close(ignored);
  state_->owner.forget(shared_from_this());
}

void HttpConnection::close_if_late(MonoTime now) {
  if (state_->phase != Phase::kHandling && now > state_->deadline) close();
}

void HttpConnection::close_if_quiet() {
  if (state_->phase == Phase::kIdle || state_->phase == Phase::kReading) close();
}

void HttpConnection::read() {
  state_->socket.async_read_some(
      asio::buffer(state_->incoming),
      [self = shared_from_this()](const error_code& error, std::size_t count) {
        if (self->state_->phase == Phase::kClosed) return;
        if (error) return self->close();
        if (self->state_->phase == Phase::kLingering) return self->read();  // thrown away
        self->state_->received.append(self->state_->incoming.data(), count);
        self->on_received();
      });
}

// Also called for what a pipelining client has sent ahead.
void HttpConnection::on_received() {
  State& state = *state_;
  if (state.phase == Phase::kIdle) state.enter(Phase::kReading, state.owner.bounds().reading);
  if (!parse()) return;
  if (state.parser->is_header_done() && !state.was_continued &&
      view(state.parser->get()[beast_http::field::expect]) == "100-continue") {
    state.was_continued = true;
    state.outgoing = kContinue;
    asio::async_write(state.socket, asio::buffer(state.outgoing),
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        if (self->state_->phase == Phase::kClosed) return;
                        if (error) return self->close();
                        self->read();
                      });
    return;
  }
  read();
}

bool HttpConnection::parse() {
  State& state = *state_;
  if (!state.parser) {
    state.parser.emplace();
    state.parser->eager(true);
    state.parser->header_limit(static_cast<std::uint32_t>(state.owner.bounds().header_bytes));
    state.parser->body_limit(state.owner.bounds().body_bytes);
    state.was_continued = false;
  }
  while (!state.received.empty() && !state.parser->is_done()) {
    error_code error;
    const std::size_t used =
        state.parser->put(asio::const_buffer(state.received.data(), state.received.size()), error);
    state.received.erase(0, used);
    if (error == beast_http::error::need_more) return true;
    if (error) {
      refuse(status_of(error), error.message());
      return false;
    }
  }
  if (!state.parser->is_done()) return true;
  dispatch();
  return false;
}

// Not HTTP, or too much of it: what follows on this connection means nothing.
void HttpConnection::refuse(int status, std::string_view why) {
  state_->phase = Phase::kHandling;
  state_->is_head = false;
  HttpResponse response{.status = status, .headers = {}, .body = error_body(why), .is_last = true};
  response.headers.add("Content-Type", "application/json");
  answer(state_->request, response);
}

void HttpConnection::dispatch() {
  State& state = *state_;
  auto message = state.parser->release();
  state.parser.reset();
  state.phase = Phase::kHandling;
  state.is_last = !message.keep_alive();
  state.is_head = message.method() == beast_http::verb::head;
  HttpRequest request{.method = std::string(view(message.method_string())),
                      .target = std::string(view(message.target()))};
  for (const auto& field : message) {
    if (is_framing(field.name())) continue;
    request.headers.add(std::string(view(field.name_string())), std::string(view(field.value())));
  }
  request.body = std::move(message.body());
  const std::uint64_t number = ++state.request;
  state.owner.handle(std::move(request),
                     [weak = weak_from_this(), number](const HttpResponse& response) {
                       if (const auto self = weak.lock()) self->answer(number, response);
                     });
}

void HttpConnection::answer(std::uint64_t request, const HttpResponse& response) {
  State& state = *state_;
  if (state.phase != Phase::kHandling || request != state.request) return;
  state.is_last = state.is_last || response.is_last || state.owner.is_draining();
  std::string& out = state.outgoing;
  out = "HTTP/1.1 " + std::to_string(response.status) + " ";
  out += reason(response.status);
  out += "\r\nDate: " + state.owner.date_text() + "\r\n";
  for (const auto& [name, value] : response.headers.all()) out += name + ": " + value + "\r\n";
  if (state.is_last) out += "Connection: close\r\n";
  out += "Content-Length: " + std::to_string(response.body.size()) + "\r\n\r\n";
  if (!state.is_head) out += response.body;
  write();
}

void HttpConnection::write() {
  state_->enter(Phase::kWriting, state_->owner.bounds().reading);
  asio::async_write(state_->socket, asio::buffer(state_->outgoing),
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      if (self->state_->phase == Phase::kClosed) return;
                      if (error) return self->close();
                      self->on_written();
                    });
}

void HttpConnection::on_written() {
  if (state_->is_last) return linger();
  state_->enter(Phase::kIdle, state_->owner.bounds().idle);
  if (state_->received.empty()) return read();
  on_received();
}

// Closing at once would reset the connection where the client is still sending, and the reset would
// overtake our answer.
void HttpConnection::linger() {
  state_->enter(Phase::kLingering, kLinger);
  error_code ignored;
  state_->socket.shutdown(tcp::socket::shutdown_send, ignored);
  read();
}

}  // namespace squall::reference
