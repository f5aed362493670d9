// The lab's first process: builds the lab around itself, starts the body, reaps, and ends with it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arena/arena.h"
#include "arena/lab_plan.h"
#include "base/fd.h"
#include "base/result.h"
#include "kernel/freezer.h"
#include "kernel/namespaces.h"

namespace squall {

// What the lab tells the process that made it: the first letter of a message.
enum class LabNews : char {
  kProgress = 'P',  // a line
  kUp = 'U',        // the body begins
  kError = 'E',     // the lab did not come up: an encoded error
  kExit = 'X',      // the body's exit code
  kFailure = 'F',   // how the body died
};
[[nodiscard]] std::string encode_error(const Error& error);
[[nodiscard]] Error decode_error(std::string_view text);

// Everything that the init inherits.  It lives in the child's copy of the caller's memory.
struct LabSetup {
  LabPlan plan;
  LabPaths paths;
  std::vector<std::string> needed;  // what mounts must not hide
  IdMap ids;
  std::string self;
  std::string search_path;
  bool has_agents = true;
  std::map<std::string, std::string> facts;
  std::optional<FreezerParent> cgroup;

  Fd status;    // towards the caller
  Fd control;   // the body's end
  Fd caller;    // pidfd: when it ends, so do we
  Fd door;      // listens for `squall shell`
  Fd lifeline;  // of the guardian; may be closed
  std::function<int(Arena&, int control)> body;
};

// In the child of clone(CLONE_NEWUSER | CLONE_NEWPID | …).
[[noreturn]] void run_lab_init(LabSetup setup);

}  // namespace squall
