// HTTP requests over kept connections.  Beast parses; the socket is ours, because we must know what
// was sent.
#include "reference/base/http_client.h"

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace squall::reference {
namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Parser = beast_http::response_parser<beast_http::string_body>;

class Exchange;

struct Shared {
  Shared(Loop& on, HttpClientLimits bounds) : loop(on), limits(bounds) {}
  Loop& loop;
  HttpClientLimits limits;
  std::map<Endpoint, std::vector<tcp::socket>> idle{};
  std::set<std::shared_ptr<Exchange>> calls{};
};

struct Wanted {
  Endpoint server;
  std::string bytes;
  bool is_head = false;
  Duration timeout{};
  std::function<void(std::string_view)> on_part{};  // set: a stream
  std::function<void(HttpOutcome)> done{};
};

std::string serialize(const HttpRequest& request, const Endpoint& server) {
  std::string text =
      request.method + " " + request.target + " HTTP/1.1\r\nHost: " + to_text(server) + "\r\n";
  for (const auto& [name, value] : request.headers.all()) text += name + ": " + value + "\r\n";
  const bool has_body = !request.body.empty() || request.method == "POST" ||
                        request.method == "PUT" || request.method == "PATCH";
  if (has_body) text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return text + "\r\n" + request.body;
}

// Nothing to read and no end: the server has not closed it, and no bytes are left over.
bool is_quiet(tcp::socket& socket) {
  char byte = 0;
  const ssize_t count = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

// One request and its answer.  The client's set keeps it alive until it ends.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(const std::shared_ptr<Shared>& shared, Wanted wanted)
      : shared_(shared),
        wanted_(std::move(wanted)),
        socket_(shared->loop.context()),
        time_(shared->loop),
        connecting_(shared->loop) {}

  void begin();
  // No callback any more.
  void abandon();

 private:
  void connect();
  void send();
  void receive();
  void on_received(std::size_t count);
  void on_end(const error_code& error);
  [[nodiscard]] bool parse();  // false: it ended
  void prepare_parser();
  void succeed();
  void fail(Errc code, const std::string& what);
  void end(Result<HttpResponse> answer);

  std::shared_ptr<Shared> shared_;
  Wanted wanted_;
  tcp::socket socket_;
  Timer time_;
  Timer connecting_;
  std::optional<Parser> parser_{};
  std::array<char, 8192> incoming_{};
  std::string received_{};
  std::size_t sent_ = 0;
  bool was_reused_ = false;
  bool is_over_ = false;
};

void Exchange::begin() {
  if (is_over_) return;
  const std::weak_ptr<Exchange> weak = weak_from_this();
  time_.after(wanted_.timeout, [weak] {
    const auto self = weak.lock();
    if (self) self->fail(Errc::kTimeout, "no answer in " + to_short_text(self->wanted_.timeout));
  });
  std::vector<tcp::socket>& idle = shared_->idle[wanted_.server];
  while (!idle.empty()) {
    tcp::socket socket = std::move(idle.back());
    idle.pop_back();
    if (!is_quiet(socket)) continue;
    socket_ = std::move(socket);
    was_reused_ = true;
    return send();
  }
  connect();
}

void Exchange::connect() {
  error_code error;
  const auto address = asio::ip::make_address(wanted_.server.ip, error);
  if (error) return fail(Errc::kInvalid, "not an IP address");
  const std::weak_ptr<Exchange> weak = weak_from_this();
  connecting_.after(shared_->limits.connecting, [weak] {
    const auto self = weak.lock();
    if (!self) return;
    self->fail(Errc::kTimeout,
               "not connected in " + to_short_text(self->shared_->limits.connecting));
  });
  socket_.async_connect(tcp::endpoint(address, wanted_.server.port),
                        [self = shared_from_this()](const error_code& problem) {
                          if (self->is_over_) return;
                          self->connecting_.cancel();
                          if (problem)
                            return self->fail(Errc::kIo, "connect: " + problem.message());
                          error_code ignored;  // without it, requests are only later
                          self->socket_.set_option(tcp::no_delay(true), ignored);
                          self->send();
                        });
}

void Exchange::send() {
  if (sent_ == wanted_.bytes.size()) return receive();
  const asio::const_buffer rest = asio::buffer(wanted_.bytes) + sent_;
  socket_.async_write_some(rest,
                           [self = shared_from_this()](const error_code& error, std::size_t count) {
                             self->sent_ += count;
                             if (self->is_over_) return;
                             if (error) return self->fail(Errc::kIo, "send: " + error.message());
                             self->send();
                           });
}

void Exchange::receive() {
  socket_.async_read_some(asio::buffer(incoming_),
                          [self = shared_from_this()](const error_code& error, std::size_t count) {
                            if (self->is_over_) return;
                            if (error) return self->on_end(error);
                            self->on_received(count);
                          });
}

void Exchange::on_end(const error_code& error) {
  if (error != asio::error::eof) return fail(Errc::kIo, "receive: " + error.message());
  error_code problem;
  if (parser_ && parser_->got_some()) parser_->put_eof(problem);
  if (parser_ && !problem && parser_->is_done()) return succeed();
  fail(Errc::kIo, "the server closed the connection");
}

void Exchange::on_received(std::size_t count) {
  received_.append(incoming_.data(), count);
  if (!parse()) return;
  receive();
}

void Exchange::prepare_parser() {
  parser_.emplace();
  parser_->eager(true);
  parser_->skip(wanted_.is_head);
  if (wanted_.on_part) {
    parser_->body_limit(boost::none);
  } else {
    parser_->body_limit(shared_->limits.body_bytes);
  }
}

bool Exchange::parse() {
  if (!parser_) prepare_parser();
  while (!received_.empty() && !parser_->is_done()) {
    error_code error;
    const std::size_t used =
        parser_->put(asio::const_buffer(received_.data(), received_.size()), error);
    received_.erase(0, used);
    if (error && error != beast_http::error::need_more) {
      fail(Errc::kIo, "not an HTTP answer: " + error.message());
      return false;
    }
    if (error) break;
    if (parser_->is_done() && parser_->get().result_int() == 100) prepare_parser();
  }
  if (wanted_.on_part && parser_->is_header_done() && parser_->get().result_int() == 200) {
    time_.cancel();
    const std::string part = std::exchange(parser_->get().body(), {});
    if (!part.empty()) wanted_.on_part(part);
    if (is_over_) return false;  // the callback gave the call up
  }
  if (parser_->is_done()) succeed();
  return !is_over_;
}

void Exchange::succeed() {
  auto message = parser_->release();
  HttpResponse response{.status = static_cast<int>(message.result_int())};
  for (const auto& field : message) {
    response.headers.add(std::string(view(field.name_string())), std::string(view(field.value())));
  }
  response.body = std::move(message.body());
  response.is_last = !message.keep_alive();
  std::vector<tcp::socket>& idle = shared_->idle[wanted_.server];
  const bool is_reusable = !response.is_last && received_.empty() && !wanted_.on_part;
  if (is_reusable && idle.size() < shared_->limits.idle_per_server) {
    idle.push_back(std::move(socket_));
  }
  end(std::move(response));
}

void Exchange::fail(Errc code, const std::string& what) {
  end(Error{code, to_text(wanted_.server) + ": " + what});
}

void Exchange::end(Result<HttpResponse> answer) {
  if (is_over_) return;
  const auto self = shared_from_this();
  const auto done = std::exchange(wanted_.done, nullptr);
  HttpOutcome outcome{
      .answer = std::move(answer), .was_sent = sent_ > 0, .was_reused = was_reused_};
  abandon();
  if (done) done(std::move(outcome));
}

void Exchange::abandon() {
  if (is_over_) return;
  is_over_ = true;
  const auto self = shared_from_this();
  time_.cancel();
  connecting_.cancel();
  error_code ignored;
  if (socket_.is_open()) socket_.close(ignored);
  shared_->calls.erase(self);
}

class Handle : public HttpCall {
 public:
  explicit Handle(std::weak_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  ~Handle() override {
    if (const auto exchange = exchange_.lock()) exchange->abandon();
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

 private:
  std::weak_ptr<Exchange> exchange_;
};

std::weak_ptr<Exchange> begin(const std::shared_ptr<Shared>& shared, Wanted wanted) {
  auto exchange = std::make_shared<Exchange>(shared, std::move(wanted));
  shared->calls.insert(exchange);
  // Later, because callbacks never run inside the caller's call.
  shared->loop.post([exchange] { exchange->begin(); });
  return exchange;
}

Wanted wanted_for(const Endpoint& server, const HttpRequest& request, Duration timeout,
                  std::function<void(HttpOutcome)> done) {
  return Wanted{.server = server,
                .bytes = serialize(request, server),
                .is_head = request.method == "HEAD",
                .timeout = timeout,
                .done = std::move(done)};
}

}  // namespace

struct HttpClient::State : Shared {
  using Shared::Shared;
};

HttpClient::HttpClient(Loop& loop, HttpClientLimits limits)
    : state_(std::make_shared<State>(loop, limits)) {}

HttpClient::~HttpClient() {
  const auto calls = state_->calls;  // abandoning changes the set
  for (const auto& exchange : calls) exchange->abandon();
}

void HttpClient::call(const Endpoint& server, const HttpRequest& request, Duration timeout,
                      std::function<void(HttpOutcome)> done) {
  (void)begin(state_, wanted_for(server, request, timeout, std::move(done)));
}

std::unique_ptr<HttpCall> HttpClient::start(const Endpoint& server, const HttpRequest& request,
                                            Duration timeout,
                                            std::function<void(HttpOutcome)> done) {
  return std::make_unique<Handle>(
      begin(state_, wanted_for(server, request, timeout, std::move(done))));
}

std::unique_ptr<HttpCall> HttpClient::stream(const Endpoint& server, const HttpRequest& request,
                                             Duration timeout,
                                             std::function<void(std::string_view)> on_part,
                                             std::function<void(HttpOutcome)> done) {
  Wanted wanted = wanted_for(server, request, timeout, std::move(done));
  wanted.on_part = std::move(on_part);
  return std::make_unique<Handle>(begin(state_, std::move(wanted)));
}

void HttpClient::forget(const Endpoint& server) {
  state_->idle.erase(server);
}

}  // namespace squall::reference
