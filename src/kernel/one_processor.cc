// sched_setaffinity(2).
#include "kernel/one_processor.h"

#include <sched.h>

#include <cstddef>

namespace squall {

void stay_on_processor(int processor) {
  if (processor < 0 || processor >= CPU_SETSIZE) return;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(processor), &one);
  (void)::sched_setaffinity(0, sizeof one, &one);
}

}  // namespace squall
