// Memory lock and OOM score.
#include "agent/self_protection.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include "kernel/pseudo_file.h"

namespace squall {
namespace {

// As systemd's own daemons: killed last, but not never.
constexpr const char* kOomScore = "-900";

}  // namespace

void protect_this_process() {
  // With a limit, a later allocation would fail where it would have been paged out before.
  rlimit limit{};
  const bool is_unlimited =
      ::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY;
  if (is_unlimited) (void)::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
  (void)write_pseudo_file("/proc/self/oom_score_adj", kOomScore);
}

}  // namespace squall
