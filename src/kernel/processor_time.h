// How much processor time another process has used.
#pragma once

#include <sys/types.h>

#include "base/time.h"

namespace squall {

// Of all its threads, user and system together; zero when there is no such process.
[[nodiscard]] Duration processor_time_of(pid_t pid);

}  // namespace squall
