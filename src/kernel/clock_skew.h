// Makes the clock of a running process wrong, and right again, through its vDSO.
//
// What a program is told by clock_gettime(CLOCK_REALTIME and CLOCK_REALTIME_COARSE), gettimeofday
// and time() moves; nothing else does: not its monotonic clocks, nor raw system calls, timers and
// file times of the kernel.  x86-64 only.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "kernel/target_memory.h"

namespace squall {

inline constexpr Duration kMaxClockOffset = std::chrono::hours(24 * 365 * 10);

// What the code in a process does at a moment.
struct ClockReading {
  bool is_patched = false;  // its vDSO leads to our code
  Duration offset{0};       // 0: none
  BootTime until;           // it ends then by itself
  std::uint64_t page = 0;   // names its counters: a process and those it has forked share them
  std::uint64_t calls = 0;  // readings of the clock that were changed, ever
  friend bool operator==(const ClockReading&, const ClockReading&) = default;
};

// Whether this machine can do it, by doing it to a child made for that; kUnsupported says why not.
[[nodiscard]] Result<> check_clock_skew();

// The offset holds until `until`, then ends by itself, whoever has died.  What is in force already
// is changed by one store.  The first time one thread of the process is interrupted for a moment,
// and where a jump in this kernel's vDSO crosses a word, all are stopped for it, as they are for
// the heal; kTimeout: they could not be; try again.  kUnsupported says what is special about this
// process.
[[nodiscard]] Result<> skew_clock(pid_t pid, Duration offset, BootTime until);
// The same before the first instruction of a program: the calling thread has forked `child`, which
// asked to be traced (PTRACE_TRACEME) before its execve.  It runs when this returns.
[[nodiscard]] Result<> skew_clock_at_exec(pid_t child, Duration offset, BootTime until);
// Right again from this moment on, and then the vDSO is as the kernel made it.  Fine when it never
// was skewed.  kNotFound when the process is gone.
[[nodiscard]] Result<> restore_clock(pid_t pid);
[[nodiscard]] Result<ClockReading> read_clock(pid_t pid);

// The clock of a process that is skewed already, kept open for many changes.
class ClockDial {
 public:
  // kInvalid when it is not skewed.
  static Result<ClockDial> open(pid_t pid);
  // As skew_clock(), by two writes.  kNotFound when the process is gone.
  [[nodiscard]] Result<> set(Duration offset, BootTime until) const;

 private:
  ClockDial(TargetMemory memory, std::uint64_t page) : memory_(std::move(memory)), page_(page) {}
  TargetMemory memory_;
  std::uint64_t page_;
};

}  // namespace squall
