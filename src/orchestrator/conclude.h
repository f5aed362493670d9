// From a closed run file to its judgement: consequences, verdicts, exit code, written back.
#pragma once

#include <string>

#include "history/recording.h"
#include "orchestrator/judge.h"
#include "scenarios/scenario.h"

namespace squall {

struct Conclusion {
  Recording recording;  // with verdicts and consequential evidence
  Judgement judgement;
  std::string warning;  // why the verdicts could not be written back; "" where they were
};

// Judges the recording in `path` and appends what it found to the file.  A file that cannot be
// written (a full disk, read-only) is a warning: the verdict is still printed.
[[nodiscard]] Result<Conclusion> conclude(const std::string& path, const Scenario& scenario,
                                          const Budget& budget);

// From what the file already holds, without running a checker.
[[nodiscard]] Result<Conclusion> reread(const std::string& path, const Scenario& scenario);

}  // namespace squall
