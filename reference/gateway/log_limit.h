// How many lines of one kind a log may get a second: a storm of failures must not become a storm of
// writes.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace squall::reference {

class LogLimit {
 public:
  static constexpr std::int64_t kLinesPerSecond = 20;

  // Whether one more may be written; then `suppressed()` lines were not since the last one.
  [[nodiscard]] bool allows(MonoTime now) {
    const std::int64_t second = now.ns() / 1'000'000'000;
    if (second != second_) {
      second_ = second;
      lines_ = 0;
    }
    if (lines_ < kLinesPerSecond) {
      ++lines_;
      return true;
    }
    ++suppressed_;
    return false;
  }
  [[nodiscard]] std::int64_t take_suppressed() {
    const std::int64_t count = suppressed_;
    suppressed_ = 0;
    return count;
  }

 private:
  std::int64_t second_ = -1;
  std::int64_t lines_ = 0;
  std::int64_t suppressed_ = 0;
};

}  // namespace squall::reference
