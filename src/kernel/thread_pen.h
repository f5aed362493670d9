// Holds single threads without their noticing: they are moved into a group whose CPU quota is used
// up, so the scheduler passes them over until they are moved back.  No signal, no EINTR, nobody's
// wait is cut short; the same that happens to a container that has reached its CPU limit.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

#include "base/fd.h"
#include "base/result.h"

namespace squall {

// The quota of the group is refilled once a second and a thread of ours uses it up at once, so a
// held thread may run for at most one millisecond a second.  Needs a machine of our own (the
// controller `cpu` of cgroup v1 is mounted) and one CPU.  Whatever is left goes with the machine.
class ThreadPen {
 public:
  // Mounts the controller at `directory`, which must exist.
  static Result<ThreadPen> create(const std::string& directory);

  // kNotFound when the thread has gone.
  [[nodiscard]] Result<> hold(pid_t thread);
  // Fine when it has gone.
  [[nodiscard]] Result<> release(pid_t thread);
  // Nobody may be held any more.
  [[nodiscard]] Result<> remove();

 private:
  ThreadPen(std::string directory, Fd inside, Fd outside, pid_t burner)
      : directory_(std::move(directory)),
        inside_(std::move(inside)),
        outside_(std::move(outside)),
        burner_(burner) {}
  std::string directory_;
  Fd inside_;   // the group's list of threads
  Fd outside_;  // the root's
  pid_t burner_ = 0;
};

}  // namespace squall
