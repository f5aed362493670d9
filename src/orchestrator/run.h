// Runs one resolved scenario in an arena and leaves a run file behind.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "scenarios/scenario.h"

namespace squall {

struct RunSetup {
  Scenario scenario;     // as resolved (schedule.h)
  std::string text;      // as written, for the run file
  bool is_kept = false;  // the lab stays up after the verdict until Ctrl-C
  bool is_quiet = false;
  bool has_baseline = true;
  std::string stacks;                        // bin folders of unpacked servers
  std::string out;                           // the run file; created
  std::map<std::string, std::string> facts;  // environment, for meta
  // Called in this process once the recording is complete and closed; with is_kept while the lab
  // still lives.
  std::function<void()> on_recorded;
};

// Returns when everything is gone again.  An error: the arena could not be built, or the run file
// not be written.  What went wrong inside the run is in the run file.
[[nodiscard]] Result<> run_scenario(const RunSetup& setup);

}  // namespace squall
