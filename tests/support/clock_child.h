// A child that reads its clocks all the time, each reading between two true ones (raw system
// calls), and tells its parent by which offsets its clocks may be wrong.
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"

namespace squall {

enum class ClockCall { kRealtime, kCoarse, kDay, kTime, kChrono, kMonotonic, kBoottime };
inline constexpr std::size_t kClockCalls = 7;
// Offsets that a reading may have in a test that changes them all the time.
inline constexpr std::size_t kAllowedOffsets = 4;

inline constexpr std::size_t kMaxReaders = 8;

struct ClockReport {
  // The last reading minus the true time: at least `low`, at most `high`.
  struct Bounds {
    std::atomic<std::int64_t> low{0};
    std::atomic<std::int64_t> high{0};
    std::atomic<std::uint64_t> readings{0};
  };
  std::array<Bounds, kClockCalls> calls;
  std::array<std::atomic<std::int64_t>, kAllowedOffsets> allowed{};
  std::atomic<std::uint64_t> strange{0};  // readings whose offset is none of the allowed
  std::array<std::atomic<std::uint64_t>, kMaxReaders> rounds{};  // of each thread that reads
  std::atomic<int> threads{0};                                   // running
  std::atomic<int> order{0};  // 1: fork a child that reads on instead
};

class ClockChild {
 public:
  // `threads` of them read, kMaxReaders at most; the others, `sleepers`, wait in a system call.
  static Result<ClockChild> start(int threads, int sleepers = 0);
  ClockChild(ClockChild&& other) noexcept = default;
  ClockChild& operator=(ClockChild&&) = delete;
  ~ClockChild();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] ClockReport& report() const { return *report_; }
  // Whether readings that begin from now on are wrong by `offset`.
  [[nodiscard]] bool reads(ClockCall call, Duration offset) const;
  // The same of every wall clock, while the others are right.
  [[nodiscard]] bool is_off_by(Duration offset) const;
  // Everybody has read anew since this was called.
  [[nodiscard]] bool read_on() const;

 private:
  ClockChild(pid_t pid, Fd pidfd, ClockReport* report, int readers)
      : pid_(pid), pidfd_(std::move(pidfd)), report_(report), readers_(readers) {}
  pid_t pid_;
  Fd pidfd_;
  ClockReport* report_;  // shared memory, for the life of the test program
  int readers_;
};

}  // namespace squall
