// The guardian: a process outside the lab that removes the run's freezer cgroup when the lab ends.
//
// Two things outlive a PID namespace: its cgroups, and on the v1 freezer even its processes, since
// a frozen process does not die before it is thawed.  The guardian lives outside, sees the lab's
// init end (however it ends), thaws, waits for the members to die, removes, and exits.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "kernel/freezer.h"

namespace squall {

struct Guardian {
  FreezerParent cgroup;  // the run's own cgroup; one child per node goes in it
  // While any process holds this open, the lab lives.  Only the lab's init may keep it.
  Fd lifeline;
  pid_t pid = 0;
};

// Makes the run's cgroup and forks the guardian.  kUnsupported where no cgroup can be made; the
// reason is a fact of the run, not an error.  The caller must be single-threaded.
[[nodiscard]] Result<Guardian> start_guardian();
// Closes the lifeline and waits until the cgroup is gone.
void end_guardian(Guardian guardian);

// Thaws and removes `cgroup` and everything below it once its members are gone, waiting at most
// `patience`.  Fine when it is gone.
[[nodiscard]] Result<> remove_cgroup_tree(const FreezerParent& cgroup, Duration patience);

}  // namespace squall
