// Frames over a Unix socket, answered in order.
#include "reference/server/engine_client.h"

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <deque>
#include <utility>

namespace squall::reference::server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Unix = asio::local::stream_protocol;

using Done = std::function<void(Result<Frame>)>;

struct Pending {
  std::uint32_t id = 0;
  MonoTime since{};
  Done done{};
};

Error gone(const std::string& why) {
  return Error{Errc::kAborted, "the engine is not there: " + why};
}

}  // namespace

struct EngineClient::State : std::enable_shared_from_this<State> {
  State(Loop& on, const Clock& time, EngineClientPlan wanted)
      : loop(on), clock(time), plan(std::move(wanted)), socket(on.context()), retry(on), ping(on) {}

  void connect();
  void on_connected();
  void disconnect(const std::string& why);
  void end();
  void send(FrameType type, std::string body, Done done);
  void write();
  void read();
  [[nodiscard]] Result<> take_answers();
  void ping_later();

  Loop& loop;
  const Clock& clock;
  EngineClientPlan plan;
  Unix::socket socket;
  Timer retry;
  Timer ping;
  bool is_connected = false;
  bool is_over = false;
  bool is_writing = false;
  std::uint64_t connection = 0;  // handlers of an older one do nothing
  std::uint32_t last_id = 0;
  std::deque<Pending> pending{};
  std::string outgoing{};
  std::string writing{};
  FrameReader reader{};
  std::array<char, 65536> incoming{};
};

void EngineClient::State::connect() {
  socket = Unix::socket(loop.context());
  ++connection;
  socket.async_connect(Unix::endpoint(plan.path), [self = shared_from_this(),
                                                   mine = connection](const error_code& error) {
    if (self->is_over || mine != self->connection) return;
    if (!error) return self->on_connected();
    self->retry.after(self->plan.reconnect, [state = self.get()] { state->connect(); });
  });
}

void EngineClient::State::on_connected() {
  is_connected = true;
  reader = FrameReader();
  outgoing.clear();
  writing.clear();
  is_writing = false;
  read();
  ping_later();
  if (plan.on_connected) plan.on_connected();
}

void EngineClient::State::disconnect(const std::string& why) {
  if (!std::exchange(is_connected, false)) return;
  ++connection;
  error_code ignored;
  socket.close(ignored);
  ping.cancel();
  const std::deque<Pending> lost = std::exchange(pending, {});
  for (const Pending& request : lost) request.done(gone(why));
  if (is_over) return;
  if (plan.on_disconnected) plan.on_disconnected();
  retry.after(plan.reconnect, [this] { connect(); });
}

void EngineClient::State::end() {
  is_over = true;
  is_connected = false;
  ++connection;
  const std::deque<Pending> dropped = std::exchange(pending, {});  // they may call us
  retry.cancel();
  ping.cancel();
  error_code ignored;
  socket.close(ignored);
}

void EngineClient::State::send(FrameType type, std::string body, Done done) {
  if (!is_connected) {
    loop.post([self = weak_from_this(), done = std::move(done)] {
      const auto state = self.lock();
      if (state && !state->is_over) done(gone("not connected"));
    });
    return;
  }
  const std::uint32_t id = ++last_id;
  pending.push_back({.id = id, .since = clock.mono(), .done = std::move(done)});
  append_frame(outgoing, {.type = type, .id = id, .body = std::move(body)});
  if (!is_writing) write();
}

void EngineClient::State::write() {
  if (writing.empty()) writing = std::exchange(outgoing, {});
  is_writing = !writing.empty();
  if (!is_writing) return;
  socket.async_write_some(asio::buffer(writing), [self = shared_from_this(), mine = connection](
                                                     const error_code& error, std::size_t count) {
    if (self->is_over || mine != self->connection) return;
    if (error) return self->disconnect(error.message());
    self->writing.erase(0, count);
    self->write();
  });
}

void EngineClient::State::read() {
  socket.async_read_some(asio::buffer(incoming), [self = shared_from_this(), mine = connection](
                                                     const error_code& error, std::size_t count) {
    if (self->is_over || mine != self->connection) return;
    if (error) return self->disconnect(error.message());
    self->reader.add({self->incoming.data(), count});
    const Result<> taken = self->take_answers();
    if (self->is_over || mine != self->connection) return;
    if (!taken.ok()) return self->disconnect(taken.error().what);
    self->read();
  });
}

Result<> EngineClient::State::take_answers() {
  const std::uint64_t mine = connection;
  while (mine == connection && !is_over) {
    std::optional<Frame> frame = TRY(reader.next());
    if (!frame) break;
    if (pending.empty() || pending.front().id != frame->id) {
      return Error{Errc::kInvalid, "an answer to no request"};
    }
    const Done done = std::move(pending.front().done);
    pending.pop_front();
    if (frame->type == FrameType::kFailed) {
      done(read_failed(frame->body));
    } else {
      done(*std::move(frame));
    }
  }
  return {};
}

void EngineClient::State::ping_later() {
  ping.after(plan.ping, [this] {
    // With requests under way, their answers are the sign of progress.
    if (pending.empty()) send(FrameType::kPing, {}, [](const Result<Frame>&) {});
    ping_later();
  });
}

EngineClient::EngineClient(Loop& loop, const Clock& clock, EngineClientPlan plan)
    : state_(std::make_shared<State>(loop, clock, std::move(plan))) {
  state_->connect();
}

EngineClient::~EngineClient() {
  state_->end();
}

void EngineClient::load(std::uint32_t slot, std::string_view onnx,
                        std::function<void(Result<>)> done) {
  state_->send(FrameType::kLoad, write_load({.slot = slot, .onnx = onnx}),
               [done = std::move(done)](const Result<Frame>& answer) {
                 done(answer.ok() ? Result<>() : Result<>(answer.error()));
               });
}

void EngineClient::unload(std::uint32_t slot) {
  state_->send(FrameType::kUnload, write_slot(slot), [](const Result<Frame>&) {});
}

void EngineClient::infer(std::uint32_t slot, const Matrix& matrix,
                         std::function<void(Result<InferredBody>)> done) {
  state_->send(FrameType::kInfer, write_infer(slot, matrix),
               [done = std::move(done)](const Result<Frame>& answer) {
                 if (!answer.ok()) return done(answer.error());
                 done(read_inferred(answer->body));
               });
}

bool EngineClient::is_connected() const {
  return state_->is_connected;
}

bool EngineClient::makes_progress() const {
  if (!state_->is_connected) return false;
  if (state_->pending.empty()) return true;
  return state_->clock.mono() - state_->pending.front().since < state_->plan.progress;
}

}  // namespace squall::reference::server
