// pipe2(2).
#include "kernel/pipe.h"

#include <fcntl.h>
#include <unistd.h>

namespace squall {

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errno_error("make a pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

}  // namespace squall
