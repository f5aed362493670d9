// A child process that does something, says so, and then stays until it is killed: the owner whose
// death or silence a test is about.
#pragma once

#include <sys/types.h>

#include <functional>

#include "base/fd.h"
#include "base/result.h"

namespace squall {

class Holder {
 public:
  // Returns when `work` has finished in the child, with its error if it failed.
  static Result<Holder> start(const std::function<Result<>()>& work);
  Holder(Holder&&) noexcept = default;
  Holder& operator=(Holder&&) = delete;
  ~Holder();  // kills and reaps

  // SIGKILL, and wait for the end.
  void kill();
  // SIGSTOP, and wait until it has stopped.
  void stop();
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const Fd& pidfd() const { return pidfd_; }

 private:
  Holder(pid_t pid, Fd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  pid_t pid_;
  Fd pidfd_;
};

}  // namespace squall
