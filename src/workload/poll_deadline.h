// Waiting for a descriptor until a deadline.
#pragma once

#include <poll.h>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"

namespace squall {

// Takes at least one look, also after the deadline: whoever was paused finds what came meanwhile.
// `events` as for poll; `what` leads the error (kTimeout: "receive: timed out").
[[nodiscard]] Result<> poll_until(const Fd& fd, decltype(pollfd::events) events, MonoTime deadline,
                                  const char* what);
// Nothing is there to be read, and no end either.
[[nodiscard]] bool is_quiet(const Fd& fd);

}  // namespace squall
