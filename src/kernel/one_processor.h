// Keeping the calling thread, and what it starts, on one processor.
#pragma once

namespace squall {

// A number as of sched_getcpu(3).  Where the kernel refuses, or the number is none, everything
// stays as it is: the callers are only slower then.  May be called between fork and exec.
void stay_on_processor(int processor);

}  // namespace squall
