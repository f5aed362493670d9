// Beast with an io_context per connection, run by the thread that waits.
#include "reference/registry/etcd_connection.h"

#include <array>
#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>

namespace squall::reference {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

http::request<http::string_body> beast_request(const EtcdPost& post, const Endpoint& server) {
  http::request<http::string_body> request{http::verb::post, post.target, 11};
  request.set(http::field::host, to_text(server));
  request.set(http::field::content_type, "application/json");
  for (const auto& [name, value] : post.headers) request.set(name, value);
  request.body() = post.body;
  request.prepare_payload();
  return request;
}

}  // namespace

class EtcdConnection::Machinery {
 public:
  explicit Machinery(Endpoint server) : server_(std::move(server)), socket_(io_) {}

  Result<EtcdReply> exchange(const EtcdPost& post, MonoTime deadline) {
    const bool was_open = socket_.is_open() && !is_streaming_;
    Result<EtcdReply> reply = exchange_once(post, deadline);
    // A server may close an idle connection just as we use it; a fresh one has no such excuse.
    if (!reply.ok() && was_open && reply.error().code == Errc::kIo) {
      reply = exchange_once(post, deadline);
    }
    return reply;
  }

  Result<int> open_stream(const EtcdPost& post, MonoTime deadline) {
    close();
    Result<int> opened = send_and_read_head(post, deadline);
    if (!opened.ok()) close();
    is_streaming_ = opened.ok();
    return opened;
  }

  Result<std::string> read_stream(MonoTime deadline) {
    CHECK(is_streaming_);
    if (!is_reading_) {
      parser_->get().body().data = chunk_.data();
      parser_->get().body().size = chunk_.size();
      is_reading_ = true;
      http::async_read_some(socket_, buffer_, *parser_, [this](error_code error, std::size_t) {
        is_reading_ = false;
        read_error_ = error;
      });
    }
    // A read that stays is not given up: its bytes belong to the next call.
    if (!run_while([this] { return is_reading_; }, deadline)) {
      if (is_cancelled_) return aborted();
      return std::string();
    }
    if (read_error_ == http::error::need_buffer) read_error_ = {};
    std::string got(chunk_.data(), chunk_.size() - parser_->get().body().size);
    if (got.empty() && (read_error_ || parser_->is_done())) {
      const std::string why = read_error_ ? read_error_.message() : "the stream has ended";
      close();
      return Error{Errc::kIo, to_text(server_) + ": " + why};
    }
    return got;
  }

  void close() {
    error_code ignored;
    (void)socket_.close(ignored);
    // The handlers of what was under way run now: they refer to this object.
    io_.restart();
    (void)io_.run();
    buffer_.clear();
    parser_.reset();
    is_streaming_ = false;
    is_reading_ = false;
  }

  void cancel() {
    is_cancelled_ = true;
    asio::post(io_, [] {});  // wakes the owner; stop() would leave handlers behind
  }

 private:
  using StreamParser = http::response_parser<http::buffer_body>;

  static Error aborted() { return {Errc::kAborted, "cancelled"}; }

  // Runs handlers until `is_waiting` is false; false: the deadline passed or somebody cancelled.
  template <typename Waiting>
  bool run_while(const Waiting& is_waiting, MonoTime deadline) {
    io_.restart();
    while (is_waiting()) {
      const Duration left = deadline - system_clock().mono();
      if (is_cancelled_ || left <= Duration(0)) return false;
      if (io_.run_one_for(left) == 0 && io_.stopped()) return !is_waiting();
    }
    return true;
  }

  // Waits for one operation; `start` hands it its completion handler.
  template <typename Start>
  Result<> wait_for(const char* what, MonoTime deadline, const Start& start) {
    bool is_waiting = true;
    error_code result;
    start([&](error_code error, auto&&...) {
      is_waiting = false;
      result = error;
    });
    const std::string attempt = std::string(what) + " " + to_text(server_);
    if (!run_while([&] { return is_waiting; }, deadline)) {
      close();
      if (is_cancelled_) return aborted().in(attempt);
      return Error{Errc::kTimeout, attempt + ": no answer in time"};
    }
    if (result) return Error{Errc::kIo, attempt + ": " + result.message()};
    return {};
  }

  Result<> connect(MonoTime deadline) {
    if (socket_.is_open()) return {};
    error_code error;
    const auto address = asio::ip::make_address(server_.ip, error);
    if (error) return Error{Errc::kInvalid, "'" + server_.ip + "' is not an IP address"};
    const std::array<tcp::endpoint, 1> targets{tcp::endpoint(address, server_.port)};
    (void)TRY(wait_for("connect to", deadline,
                       [&](auto done) { asio::async_connect(socket_, targets, done); }));
    (void)socket_.set_option(tcp::no_delay(true), error);
    return {};
  }

  Result<> send(const EtcdPost& post, MonoTime deadline) {
    (void)TRY(connect(deadline));
    const http::request<http::string_body> request = beast_request(post, server_);
    return wait_for("write to", deadline,
                    [&](auto done) { http::async_write(socket_, request, done); });
  }

  Result<EtcdReply> exchange_once(const EtcdPost& post, MonoTime deadline) {
    if (is_streaming_) close();
    http::response_parser<http::string_body> parser;
    parser.body_limit(kMaxRegistryBody);
    Result<> done = send(post, deadline);
    if (done.ok()) {
      done = wait_for("read from", deadline,
                      [&](auto handler) { http::async_read(socket_, buffer_, parser, handler); });
    }
    if (!done.ok() || !parser.get().keep_alive()) close();
    if (!done.ok()) return std::move(done).error();
    return EtcdReply{static_cast<int>(parser.get().result_int()), std::move(parser.get().body())};
  }

  Result<int> send_and_read_head(const EtcdPost& post, MonoTime deadline) {
    (void)TRY(send(post, deadline));
    parser_.emplace();
    parser_->body_limit(boost::none);
    (void)TRY(wait_for("read from", deadline, [&](auto done) {
      http::async_read_header(socket_, buffer_, *parser_, done);
    }));
    return static_cast<int>(parser_->get().result_int());
  }

  Endpoint server_;
  asio::io_context io_{1};
  tcp::socket socket_;
  beast::flat_buffer buffer_;
  std::optional<StreamParser> parser_;
  std::array<char, 8192> chunk_{};
  error_code read_error_;
  bool is_streaming_ = false;
  bool is_reading_ = false;
  std::atomic<bool> is_cancelled_{false};
};

EtcdConnection::EtcdConnection(Endpoint server)
    : machinery_(std::make_unique<Machinery>(std::move(server))) {}

EtcdConnection::~EtcdConnection() = default;

Result<EtcdReply> EtcdConnection::exchange(const EtcdPost& post, MonoTime deadline) {
  return machinery_->exchange(post, deadline);
}

Result<int> EtcdConnection::open_stream(const EtcdPost& post, MonoTime deadline) {
  return machinery_->open_stream(post, deadline);
}

Result<std::string> EtcdConnection::read_stream(MonoTime deadline) {
  return machinery_->read_stream(deadline);
}

void EtcdConnection::close() {
  machinery_->close();
}
void EtcdConnection::cancel() {
  machinery_->cancel();
}

}  // namespace squall::reference
