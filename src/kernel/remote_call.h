// Makes a thread of another process run one system call, and go on as if nothing had happened.
//
// We may be killed at any moment, so the thread is never left with registers that only we could
// put right: it is sent to a stub that makes the call, loads the registers that it had, and jumps
// back where it was, all by itself.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace squall {

struct SystemCall {
  std::uint64_t number = 0;
  std::array<std::uint64_t, 6> arguments{};
};

// Traced and stopped by the *calling thread*, which alone may use it.  Let go at the end.
class StoppedThread {
 public:
  // By PTRACE_SEIZE and PTRACE_INTERRUPT, which send no signal.  kTimeout: it did not stop within
  // `patience`; then it stays traced until the calling thread ends.  kUnsupported: we may not.
  static Result<StoppedThread> seize(pid_t thread, Duration patience);
  // The same in two steps: wait() before anything else.
  static Result<StoppedThread> ask(pid_t thread);
  [[nodiscard]] Result<> wait(Duration patience);
  // A child that asked to be traced and has stopped in its execve(2), waited for that long.
  static Result<StoppedThread> at_exec(pid_t child, Duration patience);
  StoppedThread(StoppedThread&& other) noexcept;
  StoppedThread& operator=(StoppedThread&&) = delete;
  ~StoppedThread();

  [[nodiscard]] pid_t thread() const { return thread_; }
  // An aligned word, also into memory that the process itself may not write.
  [[nodiscard]] Result<> poke(std::uint64_t address, std::uint64_t word) const;

  using WriteStub = std::function<Result<>(const std::vector<std::uint8_t>&)>;
  // `write_stub` puts the bytes at `stub`, where the process may execute and nobody does; they must
  // stay there.  The answer is the call's; kAborted: a signal came in between and nothing was
  // called, try another time.  Call it once.
  [[nodiscard]] Result<std::uint64_t> call(const SystemCall& call, std::uint64_t stub,
                                           const WriteStub& write_stub);

 private:
  StoppedThread(pid_t thread, bool is_seized) : thread_(thread), is_seized_(is_seized) {}
  [[nodiscard]] Result<int> resume_until_stop(int request) const;

  pid_t thread_;
  bool is_seized_;
  int signal_ = 0;  // to deliver when it is let go
};

// Some threads of a process, those first that an interruption disturbs least: blocked in a call
// that the kernel restarts, then in one that it does not (epoll_wait answers EINTR), then running.
[[nodiscard]] Result<std::vector<pid_t>> threads_by_disturbance(pid_t process);

}  // namespace squall
