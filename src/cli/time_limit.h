// The time limit of one check: checkers read no clock, so a thread beside them raises the flag that
// they look at.  On a terminal it also says, now and then, that work goes on.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "base/time.h"

namespace squall {

class TimeLimit {
 public:
  // `progress` is what a person is told is going on; "" for nothing.
  TimeLimit(const Clock& clock, Duration limit, std::string progress);
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;
  ~TimeLimit();

  [[nodiscard]] const std::atomic<bool>& is_over() const { return is_over_; }
  [[nodiscard]] Duration taken() const { return clock_.mono() - start_; }
  [[nodiscard]] Duration limit() const { return limit_; }

 private:
  void watch();
  void show(Duration taken) const;

  const Clock& clock_;
  Duration limit_;
  std::string progress_;
  MonoTime start_;
  std::atomic<bool> is_over_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_done_ = false;
  std::thread thread_;
};

}  // namespace squall
