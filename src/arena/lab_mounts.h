// The lab's file system: private mounts, its own /proc, and memory for everything it writes.
#pragma once

#include <string>
#include <vector>

#include "arena/lab_plan.h"
#include "base/result.h"

namespace squall {

// Where the lab's memory file system can be mounted without hiding anything that is needed: an
// empty folder, or /dev/shm, which is private to a lab anyway.  `needed` are absolute paths. `root`
// is "" but for tests.
[[nodiscard]] Result<std::string> choose_mount_point(const std::vector<std::string>& needed,
                                                     const std::string& root = "");

// For the first process of fresh user, mount and PID namespaces.  Everything in it is gone with the
// mount namespace.
[[nodiscard]] Result<> mount_lab(const LabPaths& paths, const std::vector<std::string>& needed);
// The folders and the hosts file that the plan needs.
[[nodiscard]] Result<> make_lab_folders(const LabPaths& paths, const LabPlan& plan);

}  // namespace squall
