// The kernel keeps a clock for each process (clock_getcpuclockid(3)).
#include "kernel/processor_time.h"

#include <ctime>

namespace squall {

Duration processor_time_of(pid_t pid) {
  clockid_t clock = 0;
  timespec used{};
  if (::clock_getcpuclockid(pid, &clock) != 0) return Duration{0};
  if (::clock_gettime(clock, &used) != 0) return Duration{0};
  return std::chrono::seconds(used.tv_sec) + Duration(used.tv_nsec);
}

}  // namespace squall
