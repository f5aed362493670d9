// Lets so many lines a second pass, so that an overloaded server does not drown in its own log.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace squall::reference::server {

class LogBudget {
 public:
  explicit LogBudget(std::int64_t lines_per_second) : limit_(lines_per_second) {}

  // Whether one more line may be written now.
  [[nodiscard]] bool spend(MonoTime now) {
    if (now - since_ >= std::chrono::seconds(1)) {
      since_ = now;
      spent_ = 0;
    }
    const bool is_free = spent_ < limit_;
    spent_ += is_free ? 1 : 0;
    dropped_ += is_free ? 0 : 1;
    return is_free;
  }
  // Lines that were not written since it was asked last.
  [[nodiscard]] std::int64_t take_dropped() {
    const std::int64_t count = dropped_;
    dropped_ = 0;
    return count;
  }

 private:
  std::int64_t limit_;
  std::int64_t spent_ = 0;
  std::int64_t dropped_ = 0;
  MonoTime since_{};
};

}  // namespace squall::reference::server
