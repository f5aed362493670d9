// A bounded pause.
#include "orchestrator/pause.h"

#include <condition_variable>
#include <mutex>

namespace squall {

void pause_for(Duration length) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  (void)never.wait_for(lock, length, [] { return false; });
}

}  // namespace squall
