// Asio callbacks.  A Link is one connection and carries one request at a time; the State deals
// requests to links and servers.  Everything but post() happens on the I/O thread.
#include "workload/async_http.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <thread>

#include "workload/http.h"

namespace squall {
namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using Parser = beast_http::response_parser<beast_http::string_body>;

constexpr std::size_t kReadChunk = std::size_t{16} << 10U;
// For the rest of an answer whose beginning was there at the deadline.
constexpr Duration kLastLook = std::chrono::milliseconds(10);

struct Job {
  AsyncHttpRequest request;
  MonoTime deadline{};
  std::function<void(AsyncHttpEnd)> done{};
  std::size_t server = 0;
  std::size_t servers_left = 0;  // that may be tried before it is sent, this one included
};

std::string serialize(const AsyncHttpRequest& request, const std::string& host) {
  std::string text = "POST " + request.target + " HTTP/1.1\r\nHost: " + host +
                     "\r\nContent-Type: application/json\r\nContent-Length: " +
                     std::to_string(request.body.size()) + "\r\n";
  for (const auto& [name, value] : request.fields) text += name + ": " + value + "\r\n";
  return text + "\r\n" + request.body;
}

std::string lower(std::string text) {
  for (char& letter : text) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return text;
}

AsyncHttpAnswer answer_of(Parser& parser) {
  AsyncHttpAnswer answer{.status = static_cast<int>(parser.get().result_int())};
  for (const auto& field : parser.get()) {
    answer.fields.emplace_back(lower(std::string(field.name_string())), std::string(field.value()));
  }
  answer.body = std::move(parser.get().body());
  return answer;
}

class Link;

// What a link needs of those who own it.
class Links {
 public:
  virtual ~Links() = default;
  virtual asio::io_context& io() = 0;
  virtual void unreachable(Job job, Error error) = 0;
  virtual void leave(std::size_t server) = 0;
  virtual void give_back(std::shared_ptr<Link> link) = 0;
};

class Link : public std::enable_shared_from_this<Link> {
 public:
  Link(Links& owner, std::size_t server, const tcp::endpoint& to, std::string host)
      : owner_(owner),
        server_(server),
        to_(to),
        host_(std::move(host)),
        socket_(owner.io()),
        timer_(owner.io()) {}

  [[nodiscard]] std::size_t server() const { return server_; }
  // Between requests anything that can be read is an end or a stranger's answer.
  [[nodiscard]] bool is_quiet() { return !is_readable(); }

  void connect_and_carry(Job job, MonoTime give_up) {
    job_ = std::move(job);
    arm(give_up);
    socket_.async_connect(to_, [self = shared_from_this()](error_code error) {
      self->disarm();
      if (error || self->is_late_) return self->end_unreachable(error);
      error_code ignored;  // without it small requests wait for an acknowledgement
      (void)self->socket_.set_option(tcp::no_delay(true), ignored);
      self->send();
    });
  }
  void carry(Job job) {
    job_ = std::move(job);
    send();
  }

 private:
  void send() {
    times_ = {};
    output_ = serialize(job_.request, host_);
    arm(job_.deadline);
    times_.sent = system_clock().mono();
    asio::async_write(socket_, asio::buffer(output_),
                      [self = shared_from_this()](error_code error, std::size_t count) {
                        if (count == 0) self->times_.sent = {};
                        if (error || self->is_late_) return self->break_off("send", error);
                        self->begin_receive();
                      });
  }

  void begin_receive() {
    parser_.emplace();
    parser_->body_limit(kMaxHttpBody);
    parser_->eager(true);
    is_receiving_ = true;
    receive();
  }

  void receive() {
    socket_.async_read_some(asio::buffer(input_),
                            [self = shared_from_this()](error_code error, std::size_t count) {
                              self->on_received(error, count);
                            });
  }

  void on_received(error_code error, std::size_t count) {
    if (error == asio::error::eof) return on_end();
    if (error) return break_off("receive", error);
    if (times_.first_byte == MonoTime{}) times_.first_byte = system_clock().mono();
    std::size_t used = 0;
    while (used < count && !parser_->is_done()) {
      error_code wrong;
      used += parser_->put(asio::const_buffer(input_.data() + used, count - used), wrong);
      if (wrong == beast_http::error::need_more) break;
      if (wrong) return end(Error{Errc::kIo, "not an HTTP answer: " + wrong.message()});
    }
    // Beast asks for more where a line is not whole yet; such a rest must be seen again.
    if (!parser_->is_done() && used < count) return keep_rest(used, count);
    if (!parser_->is_done()) return receive();
    is_reusable_ = parser_->get().keep_alive() && used == count;
    end(answer_of(*parser_));
  }

  void keep_rest(std::size_t used, std::size_t count) {
    std::copy(input_.begin() + static_cast<std::ptrdiff_t>(used),
              input_.begin() + static_cast<std::ptrdiff_t>(count), input_.begin());
    const std::size_t kept = count - used;
    if (kept == input_.size()) return end(Error{Errc::kIo, "not an HTTP answer: a long line"});
    socket_.async_read_some(asio::buffer(input_.data() + kept, input_.size() - kept),
                            [self = shared_from_this(), kept](error_code error, std::size_t more) {
                              self->on_received(error, kept + more);
                            });
  }

  void on_end() {
    error_code wrong;
    if (parser_->got_some()) parser_->put_eof(wrong);
    if (!parser_->is_done()) return end(Error{Errc::kIo, "the server closed the connection"});
    end(answer_of(*parser_));
  }

  void arm(MonoTime until) {
    timer_.expires_at(std::chrono::steady_clock::time_point(until.since_epoch));
    timer_.async_wait([self = shared_from_this(), round = ++round_](error_code error) {
      if (!error && round == self->round_) self->on_deadline();
    });
  }
  void disarm() {
    ++round_;
    timer_.cancel();
  }
  void on_deadline() {
    // A client that was paused finds its answer when it wakes.
    if (is_receiving_ && !is_last_look_ && is_readable()) {
      is_last_look_ = true;
      return arm(system_clock().mono() + kLastLook);
    }
    is_late_ = true;
    error_code ignored;  // whatever waits for the socket ends with operation_aborted
    (void)socket_.close(ignored);
  }
  [[nodiscard]] bool is_readable() {
    pollfd poll{.fd = socket_.native_handle(), .events = POLLIN, .revents = 0};
    return ::poll(&poll, 1, 0) != 0;
  }

  [[nodiscard]] Error error_of(const char* what, error_code error) const {
    if (is_late_) return Error{Errc::kTimeout, std::string(what) + ": timed out"};
    return Error{Errc::kIo, std::string(what) + ": " + error.message()};
  }
  void end_unreachable(error_code error) {
    owner_.unreachable(std::move(job_), error_of("connect", error).in(host_));
  }
  void break_off(const char* what, error_code error) { end(error_of(what, error)); }

  void end(Result<AsyncHttpAnswer> answer) {
    disarm();
    parser_.reset();
    is_receiving_ = false;
    is_last_look_ = false;
    if (!answer.ok()) owner_.leave(server_);
    const std::function<void(AsyncHttpEnd)> done = std::move(job_.done);
    const ExchangeTimes times = times_;
    if (std::exchange(is_reusable_, false) && !is_late_) owner_.give_back(shared_from_this());
    done(AsyncHttpEnd{std::move(answer), times});
  }

  Links& owner_;
  std::size_t server_;
  tcp::endpoint to_;
  std::string host_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  std::uint64_t round_ = 0;  // of the timer: an expiry that was under way means an older one
  Job job_{};
  ExchangeTimes times_{};
  std::string output_{};
  std::array<char, kReadChunk> input_{};
  std::optional<Parser> parser_{};
  bool is_receiving_ = false;
  bool is_last_look_ = false;
  bool is_late_ = false;
  bool is_reusable_ = false;  // after the answer that was read last
};

}  // namespace

struct AsyncHttp::State : Links {
  explicit State(Spread how) : spread(how) {}
  ~State() override {
    context.stop();
    if (thread.joinable()) thread.join();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  asio::io_context& io() override { return context; }

  void begin(Job job) {
    job.servers_left = servers.size();
    job.server = spread == Spread::kFirst ? current : current++ % servers.size();
    attempt(std::move(job));
  }

  void attempt(Job job) {
    std::vector<std::shared_ptr<Link>>& quiet = idle[job.server];
    while (!quiet.empty()) {
      const std::shared_ptr<Link> link = std::move(quiet.back());
      quiet.pop_back();
      if (link->is_quiet()) return link->carry(std::move(job));
    }
    // A server that swallows packets may take its share of the time only.
    const MonoTime now = system_clock().mono();
    const MonoTime give_up =
        now + (job.deadline - now) / static_cast<std::int64_t>(job.servers_left);
    const std::size_t at = job.server;
    std::make_shared<Link>(*this, at, servers[at], hosts[at])
        ->connect_and_carry(std::move(job), give_up);
  }

  void unreachable(Job job, Error error) override {
    leave(job.server);
    if (--job.servers_left == 0 || system_clock().mono() >= job.deadline) {
      return job.done(AsyncHttpEnd{std::move(error), {}});
    }
    job.server = (job.server + 1) % servers.size();
    attempt(std::move(job));
  }

  // Of the many requests that fail on a server together, the first moves on and the rest follow.
  void leave(std::size_t server) override {
    if (spread == Spread::kFirst && current == server) current = (current + 1) % servers.size();
  }

  void give_back(std::shared_ptr<Link> link) override {
    idle[link->server()].push_back(std::move(link));
  }

  Spread spread;
  std::vector<tcp::endpoint> servers{};
  std::vector<std::string> hosts{};  // beside servers, as the Host field
  std::size_t current = 0;
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
  std::vector<std::vector<std::shared_ptr<Link>>> idle{};  // beside servers
  std::thread thread{};
};

AsyncHttp::AsyncHttp(std::unique_ptr<State> state) : state_(std::move(state)) {}
AsyncHttp::AsyncHttp(AsyncHttp&&) noexcept = default;
AsyncHttp& AsyncHttp::operator=(AsyncHttp&&) noexcept = default;
AsyncHttp::~AsyncHttp() = default;

Result<AsyncHttp> AsyncHttp::open(const std::vector<SocketAddress>& servers, Spread spread) {
  CHECK(!servers.empty());
  auto state = std::make_unique<State>(spread);
  for (const SocketAddress& server : servers) {
    error_code error;
    const asio::ip::address ip = asio::ip::make_address(server.ip, error);
    if (error) return Error{Errc::kInvalid, "'" + server.ip + "' is not an IP address"};
    state->servers.emplace_back(ip, server.port);
    const std::string host = ip.is_v6() ? "[" + server.ip + "]" : server.ip;
    state->hosts.push_back(host + ":" + std::to_string(server.port));
  }
  state->idle.resize(servers.size());
  state->thread = std::thread([context = &state->context] { context->run(); });
  return AsyncHttp(std::move(state));
}

void AsyncHttp::post(AsyncHttpRequest request, MonoTime deadline,
                     std::function<void(AsyncHttpEnd)> done) {
  Job job{.request = std::move(request), .deadline = deadline, .done = std::move(done)};
  asio::post(state_->context, [state = state_.get(), job = std::move(job)]() mutable {
    state->begin(std::move(job));
  });
}

}  // namespace squall
