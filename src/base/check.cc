// A failed CHECK says where it stands and ends the process: going on would be a guess.
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace squall::detail {

void check_failed(const char* condition, const char* file, int line) {
  (void)std::fprintf(stderr, "squall: bug: CHECK(%s) failed at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace squall::detail
