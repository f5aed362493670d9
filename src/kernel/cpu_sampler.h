// Who is on the CPU, asked at chosen moments of CPU time: a software event of perf, which needs no
// counters of the processor.  Each sample also wakes its reader, and a reader with a real-time
// priority thereby takes the CPU from the thread that it is told about.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"

namespace squall {

// Ids as the caller's PID namespace has them; 0 for one that is not in it.
struct CpuSample {
  pid_t process = 0;
  pid_t thread = 0;
};

// One CPU.  Needs CAP_PERFMON; not thread-safe.
class CpuSampler {
 public:
  static Result<CpuSampler> open(int cpu, Duration first_gap);
  CpuSampler(CpuSampler&& other) noexcept;
  CpuSampler& operator=(CpuSampler&&) = delete;
  ~CpuSampler();

  // Readable when a sample is there.
  [[nodiscard]] const Fd& event() const { return event_; }
  // The newest sample since the last call.
  [[nodiscard]] std::optional<CpuSample> take();
  // From now on a sample each `gap`; those that would hit the idle thread are left out.
  [[nodiscard]] Result<> set_gap(Duration gap);

 private:
  CpuSampler(Fd event, void* ring) : event_(std::move(event)), ring_(ring) {}
  Fd event_;
  void* ring_ = nullptr;  // two pages: perf_event_mmap_page, then the records
  std::uint64_t tail_ = 0;
};

}  // namespace squall
