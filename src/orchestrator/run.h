// Runs one resolved scenario in an arena and leaves a run file behind.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "scenarios/scenario.h"

namespace squall {

// What decides a run once its stack is ready.
struct ReadyRun {
  Scenario scenario;  // the same topology as the stack's
  std::string text;
  std::map<std::string, std::string> facts;
};

struct RunSetup {
  Scenario scenario;     // as resolved (schedule.h)
  std::string text;      // as written, for the run file
  bool is_kept = false;  // the lab stays up after the verdict until Ctrl-C
  bool is_quiet = false;
  bool has_baseline = true;
  std::string stacks;                        // bin folders of unpacked servers
  std::string out;                           // the run file; created
  std::map<std::string, std::string> facts;  // environment, for meta
  std::string arena = "lab";                 // as the run file names it
  // Where it is set, the stack starts first, of `scenario` only the topology counts, and this says
  // what to run on it.  Called in the lab's body.
  std::function<Result<ReadyRun>()> at_ready{};
  // Called in this process once the recording is complete and closed; with is_kept while the lab
  // still lives.
  std::function<void()> on_recorded;
};

// Returns when everything is gone again.  An error: the arena could not be built, or the run file
// not be written.  What went wrong inside the run is in the run file.
[[nodiscard]] Result<> run_scenario(const RunSetup& setup);

}  // namespace squall
