// A program's event loop: one thread runs it, and everything of ours that it calls is on that
// thread.  So there are no locks; other threads hand work over with post().
#pragma once

#include <functional>
#include <memory>

#include "base/time.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace squall::reference {

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs on the calling thread until stop(); may be called again afterwards.
  void run();
  // From any thread, also before run().
  void stop();
  // From any thread.  Work that is never run is destroyed with the loop.
  void post(std::function<void()> work);
  // For the .cc files that use Asio themselves.
  [[nodiscard]] boost::asio::io_context& context();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A one-shot timer that can be set again.  Loop thread only.  When it is set anew, cancelled or
// destroyed, what was set before does not run any more.
class Timer {
 public:
  explicit Timer(Loop& loop);
  ~Timer();
  Timer(Timer&&) noexcept;
  Timer& operator=(Timer&&) = delete;

  // On the monotonic clock; zero or less: as soon as the loop comes round.
  void after(Duration delay, std::function<void()> work);
  void cancel();
  [[nodiscard]] bool is_set() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace squall::reference
