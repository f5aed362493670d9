// Keeping a thread, or a whole process, on one processor.
#pragma once

#include <sys/types.h>

#include <vector>

namespace squall {

// Those that the calling thread may use, ascending; empty where the kernel does not say.
[[nodiscard]] std::vector<int> allowed_processors();

// The calling thread, and what it starts.  A number as of sched_getcpu(3).  Where the kernel
// refuses, or the number is none, everything stays as it is: the callers are only slower then.  May
// be called between fork and exec.
void stay_on_processor(int processor);
// All threads that `pid` has now.
void move_to_processor(pid_t pid, int processor);

}  // namespace squall
