// Waiting for a descriptor until a deadline.
#include "workload/poll_deadline.h"

#include <poll.h>

#include <algorithm>

namespace squall {

Result<> poll_until(const Fd& fd, decltype(pollfd::events) events, MonoTime deadline,
                    const char* what) {
  while (true) {
    const Duration left = std::max(deadline - system_clock().mono(), Duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec limit{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
    pollfd poll{.fd = fd.get(), .events = events, .revents = 0};
    const int ready = ::ppoll(&poll, 1, &limit, nullptr);
    if (ready > 0) return {};
    if (ready == 0) return Error{Errc::kTimeout, std::string(what) + ": timed out"};
    if (errno != EINTR) return errno_error(what);
  }
}

bool is_quiet(const Fd& fd) {
  pollfd poll{.fd = fd.get(), .events = POLLIN, .revents = 0};
  return ::poll(&poll, 1, 0) == 0;
}

}  // namespace squall
