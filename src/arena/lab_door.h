// The door of a running lab, from outside: runs a command inside one of its nodes.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace squall {

// The pids of the runs of this user that can be entered now.
[[nodiscard]] Result<std::vector<int>> open_runs();

// Runs `argv` in the node's namespaces, as the lab's user with its capabilities, in the node's
// folder, on the caller's terminal; returns its exit code (128 + the signal that killed it).
// `run_pid` is that of the `squall run`; "" means the only one there is.  The caller must be
// single-threaded.  Errors: kNotFound (no such run or node), kInvalid (several runs).
[[nodiscard]] Result<int> run_in_node(const std::string& run_pid, const NodeName& node,
                                      const std::vector<std::string>& argv);

}  // namespace squall
