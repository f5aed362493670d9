// A pipe whose ends close themselves.
#pragma once

#include "base/fd.h"
#include "base/result.h"

namespace squall {

struct Pipe {
  Fd reading;
  Fd writing;
};

// Close-on-exec.
[[nodiscard]] Result<Pipe> make_pipe();

}  // namespace squall
