// What one child's run came to: its exit code, its run file and its output.
#pragma once

#include <string>
#include <vector>

#include "kernel/process.h"
#include "search/hunt_machine.h"

namespace squall {

struct RunReading {
  RunOutcome outcome = RunOutcome::kInvalid;
  int exit_code = 0;      // -N: ended by signal N
  bool is_fatal = false;  // every run would end like this (usage), or must be looked at (dirty)
  std::string history{};  // the digest
  std::string reason{};   // why it is not clean
  std::vector<Violation> violations{};
};

// The scenario was run with `expect: pass`, so that exit code 1 means a violation whatever else
// went wrong.  `file` may be missing.
[[nodiscard]] RunReading read_run(const ExitStatus& status, const std::string& file,
                                  const std::string& log);

}  // namespace squall
