// One thread that waits for the limit, for the next line of progress, or for the end.
#include "cli/time_limit.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace squall {
namespace {

constexpr Duration kProgress = std::chrono::seconds(1);
constexpr Duration kForever = std::chrono::hours(1);

}  // namespace

TimeLimit::TimeLimit(const Clock& clock, Duration limit, std::string progress)
    : clock_(clock),
      limit_(limit),
      progress_(std::move(progress)),
      start_(clock.mono()),
      thread_([this] { watch(); }) {}

TimeLimit::~TimeLimit() {
  {
    const std::lock_guard lock(mutex_);
    is_done_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void TimeLimit::watch() {
  std::unique_lock lock(mutex_);
  Duration next = progress_.empty() ? kForever : kProgress;
  bool has_shown = false;
  while (!is_done_) {
    const Duration passed = taken();
    if (passed >= limit_) is_over_.store(true, std::memory_order_relaxed);
    if (passed >= next && !progress_.empty()) {
      show(passed);
      has_shown = true;
      next = passed + kProgress;
    }
    const bool is_over = is_over_.load(std::memory_order_relaxed);
    wake_.wait_for(lock, (is_over ? next : std::min(limit_, next)) - passed);
  }
  if (has_shown) (void)std::fputs("\r\x1b[K", stderr);
}

void TimeLimit::show(Duration taken) const {
  const std::string line = "\r\x1b[K" + progress_ + ", " + to_short_text(taken) + " of " +
                           to_text(limit_) + (is_over_ ? ", stopping" : "");
  (void)std::fputs(line.c_str(), stderr);
  (void)std::fflush(stderr);
}

}  // namespace squall
