// The queue between the helper threads and the loop.
#include "orchestrator/run_events.h"

#include <utility>

namespace squall {

void RunEventQueue::post(RunEvent event) {
  {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }
  posted_.notify_one();
}

std::vector<RunEvent> RunEventQueue::take(Duration timeout) {
  std::unique_lock lock(mutex_);
  (void)posted_.wait_for(lock, timeout, [this] { return !events_.empty(); });
  std::vector<RunEvent> taken(std::make_move_iterator(events_.begin()),
                              std::make_move_iterator(events_.end()));
  events_.clear();
  return taken;
}

}  // namespace squall
