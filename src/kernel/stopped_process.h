// Something is done to a process while none of its threads runs.
#pragma once

#include <sys/types.h>

#include <functional>

#include "base/result.h"
#include "base/time.h"

namespace squall {

// Runs `work` once, in a thread of its own that traces every thread of the process, all of them
// stopped; lets them go afterwards.  If that thread dies, the kernel lets them go.  No signal is
// sent; a call that the kernel restarts goes on, one that it does not answers EINTR.
// kTimeout: one did not stop within `patience` (it waits for a disk, or for a child of vfork that
// has not executed yet), and nothing was done.  A process that shares the memory without being a
// thread or a child of vfork is not stopped.
[[nodiscard]] Result<> while_stopped(pid_t process, Duration patience,
                                     const std::function<Result<>()>& work);

}  // namespace squall
