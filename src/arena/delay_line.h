// The delay line: the arena's own process that makes packets between regions late.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>

#include "arena/lab_plan.h"
#include "base/result.h"

namespace squall {

// Shared between the delay line and whoever asks, lock-free.
struct DelayCounters {
  std::atomic<std::uint64_t> packets{0};
  std::atomic<std::uint64_t> dropped{0};  // a full queue, here or in the kernel
  std::atomic<std::uint64_t> late_ns{0};  // sum of how much later than due packets left
};

struct DelayLine {
  pid_t pid = 0;
  const DelayCounters* counters = nullptr;  // shared memory, never unmapped
};

// Forks the process and returns when its TUN device carries the traffic between regions.  The
// caller must be single-threaded and in the lab's root network namespace, after build_network().
// When the process dies, regions with a delay are cut apart.
[[nodiscard]] Result<DelayLine> start_delay_line(const LabPlan& plan);

}  // namespace squall
