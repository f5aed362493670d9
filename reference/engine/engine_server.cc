// Accepts model servers and answers their frames.
#include "reference/engine/engine_server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <set>
#include <utility>

#include "reference/engine/engine.h"

namespace squall::reference {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Unix = asio::local::stream_protocol;

class Session;
using Sessions = std::set<std::shared_ptr<Session>>;

// One connection: reads what is there, answers it, and reads again.  Answers that the server does
// not read stop the reading, so nothing piles up here.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Unix::socket&& socket, Engine engine, Log& log, Sessions& sessions)
      : socket_(std::move(socket)), engine_(std::move(engine)), log_(log), sessions_(sessions) {}

  void read() {
    socket_.async_read_some(
        asio::buffer(incoming_),
        [self = shared_from_this()](const error_code& error, std::size_t count) {
          if (self->is_closed_) return;
          if (error) return self->close(error.message());
          self->reader_.add({self->incoming_.data(), count});
          self->answer();
        });
  }

  void close(const std::string& why) {
    if (std::exchange(is_closed_, true)) return;
    error_code ignored;
    socket_.close(ignored);
    log_.info("disconnected", {{"cause", why}});
    sessions_.erase(shared_from_this());
  }

 private:
  void answer() {
    outgoing_.clear();
    while (true) {
      Result<std::optional<Frame>> request = reader_.next();
      if (!request.ok()) return close(request.error().what);
      if (!*request) break;
      const Frame frame = engine_.answer(**request);
      tell(**request, frame);
      append_frame(outgoing_, frame);
    }
    if (outgoing_.empty()) return read();
    asio::async_write(socket_, asio::buffer(outgoing_),
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        if (self->is_closed_) return;
                        if (error) return self->close(error.message());
                        self->read();
                      });
  }

  void tell(const Frame& request, const Frame& answer) {
    if (answer.type == FrameType::kLoaded) {
      log_.info("loaded", {{"bytes", static_cast<std::int64_t>(request.body.size())}});
    }
    if (answer.type == FrameType::kFailed) {
      const Error error = read_failed(answer.body);
      log_.warning("failed", {{"cause", error.what}});
    }
  }

  Unix::socket socket_;
  Engine engine_;
  Log& log_;
  Sessions& sessions_;
  FrameReader reader_{};
  std::array<char, 65536> incoming_{};
  std::string outgoing_{};
  bool is_closed_ = false;
};

// Whether somebody accepts there.
bool is_served(Loop& loop, const Unix::endpoint& endpoint) {
  Unix::socket probe(loop.context());
  error_code error;
  probe.connect(endpoint, error);
  return !error;
}

Result<> make_way(Loop& loop, const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode)) return Error{Errc::kInvalid, "it exists and is not a socket"};
  if (is_served(loop, Unix::endpoint(path))) {
    return Error{Errc::kInvalid, "another engine serves it"};
  }
  if (unlink(path.c_str()) != 0) return errno_error("remove the old socket");
  return {};
}

}  // namespace

struct EngineServer::State : std::enable_shared_from_this<State> {
  State(Loop& loop, const Clock& time, std::string socket_path, Log& to, Duration least)
      : acceptor(loop.context()),
        clock(time),
        path(std::move(socket_path)),
        log(to),
        service_time(least) {}

  void accept() {
    acceptor.async_accept([self = shared_from_this()](const error_code& error,
                                                      Unix::socket socket) {
      if (!self->acceptor.is_open()) return;
      if (!error) {
        self->log.info("connected");
        const auto session = std::make_shared<Session>(
            std::move(socket), Engine(self->clock, self->service_time), self->log, self->sessions);
        self->sessions.insert(session);
        session->read();
      }
      self->accept();
    });
  }

  Unix::acceptor acceptor;
  const Clock& clock;
  std::string path;
  Log& log;
  Duration service_time;
  Sessions sessions{};
};

Result<std::unique_ptr<EngineServer>> EngineServer::listen(Loop& loop, const Clock& clock,
                                                           const std::string& path, Log& log,
                                                           Duration service_time) {
  const std::string attempt = "listen on " + path;
  if (path.empty() || path.size() > kMaxSocketPath) {
    return Error{Errc::kInvalid, attempt + ": a socket's path has 1 to " +
                                     std::to_string(kMaxSocketPath) + " bytes"};
  }
  (void)TRY(make_way(loop, path).in(attempt));
  auto state = std::make_shared<State>(loop, clock, path, log, service_time);
  error_code error;
  state->acceptor.open(Unix(), error);
  if (!error) state->acceptor.bind(Unix::endpoint(path), error);
  if (!error) state->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return Error{Errc::kIo, attempt + ": " + error.message()};
  state->accept();
  return std::unique_ptr<EngineServer>(new EngineServer(std::move(state)));
}

EngineServer::~EngineServer() {
  error_code ignored;
  state_->acceptor.close(ignored);
  const Sessions sessions = state_->sessions;
  for (const auto& session : sessions) session->close("the engine ends");
  (void)unlink(state_->path.c_str());  // a socket that stays is replaced by the next engine
}

}  // namespace squall::reference
