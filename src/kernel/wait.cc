// Waiting by ppoll(2).
#include "kernel/wait.h"

#include <poll.h>

#include <algorithm>

namespace squall {
namespace {

Result<bool> wait_for(const Fd& fd, decltype(pollfd::events) events, Duration timeout) {
  const MonoTime until = system_clock().mono() + timeout;
  for (;;) {
    const Duration left = std::max(until - system_clock().mono(), Duration(0));
    const auto seconds = duration_cast<std::chrono::seconds>(left);
    const timespec limit{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
    pollfd entry{.fd = fd.get(), .events = events, .revents = 0};
    const int count = ::ppoll(&entry, 1, &limit, nullptr);
    if (count >= 0) return count > 0;
    if (errno != EINTR) return errno_error("wait for a descriptor");
  }
}

}  // namespace

Result<bool> wait_readable(const Fd& fd, Duration timeout) {
  return wait_for(fd, POLLIN, timeout);
}

Result<bool> wait_changed(const Fd& fd, Duration timeout) {
  return wait_for(fd, POLLPRI, timeout);
}

}  // namespace squall
