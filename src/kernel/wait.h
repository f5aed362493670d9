// Waits for a descriptor, a bounded time.
#pragma once

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"

namespace squall {

// Whether `fd` had input (for a pidfd: its process had exited) by the time `timeout` passed.
// Signals do not shorten the wait.
[[nodiscard]] Result<bool> wait_readable(const Fd& fd, Duration timeout);
// Whether an exceptional event came (POLLPRI): a pseudo file such as cgroup.events has changed.
[[nodiscard]] Result<bool> wait_changed(const Fd& fd, Duration timeout);

}  // namespace squall
