// The event loop over Asio.
#include "reference/base/loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace squall::reference {

namespace asio = boost::asio;

struct Loop::State {
  // One thread runs it; post() comes from others, so it keeps its locks.
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
};

Loop::Loop() : state_(std::make_unique<State>()) {}
Loop::~Loop() = default;

void Loop::run() {
  state_->context.run();
  state_->context.restart();
}

void Loop::stop() {
  // Posted, so that a stop before run() is not lost in the restart after an earlier run.
  asio::post(state_->context, [this] { state_->context.stop(); });
}

void Loop::post(std::function<void()> work) {
  asio::post(state_->context, std::move(work));
}

asio::io_context& Loop::context() {
  return state_->context;
}

struct Timer::State {
  explicit State(Loop& loop) : timer(loop.context()) {}
  asio::steady_timer timer;
  std::uint64_t setting = 0;  // a completion of an older setting is stale
  bool is_set = false;
};

Timer::Timer(Loop& loop) : state_(std::make_shared<State>(loop)) {}
Timer::Timer(Timer&&) noexcept = default;
Timer::~Timer() {
  if (state_) cancel();
}

void Timer::after(Duration delay, std::function<void()> work) {
  const std::uint64_t setting = ++state_->setting;
  state_->is_set = true;
  state_->timer.expires_after(delay);
  state_->timer.async_wait(
      [state = state_, setting, work = std::move(work)](const boost::system::error_code& error) {
        if (error || setting != state->setting) return;
        state->is_set = false;
        work();
      });
}

void Timer::cancel() {
  ++state_->setting;
  state_->is_set = false;
  state_->timer.cancel();
}

bool Timer::is_set() const {
  return state_->is_set;
}

}  // namespace squall::reference
