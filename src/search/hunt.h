// A hunt: many runs of one scenario side by side, what they found, and a folder that keeps it.
//
//   OUT/hunt.json            state and result, rewritten after every run
//   OUT/seed-7.squall, .log  a run that violated something; of other runs nothing is kept
//   OUT/running/             runs under way
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "search/hunt_file.h"
#include "search/hunt_machine.h"

namespace squall {

struct HuntSetup {
  std::string program;             // squall
  std::string scenario;            // the file
  std::vector<std::string> flags;  // of every run: --arena, --set, --no-baseline
  bool is_sealed = false;
  std::string name;  // of the scenario
  std::vector<HuntCase> cases;
  HuntRules rules;
  HuntIdentity identity;
  std::string shard = "0/1";
  std::string out;
  bool is_fresh = false;  // forget what the folder knows instead of refusing it
  // Called often with one line on how far it is, and with each line that is worth keeping.
  std::function<void(const std::string&)> show;
  std::function<void(const std::string&)> say;
};

struct HuntEnd {
  HuntFile file;
  std::size_t left = 0;  // cases that are not done
  bool is_interrupted = false;
  // A run ended in a way that stopped the hunt: usage (2) or dirty (6).
  std::optional<int> fatal_code{};
  std::string fatal_reason{};
};

// Returns when no child runs any more.  An error: the folder belongs to another hunt or cannot be
// written, or a child could not be started.
[[nodiscard]] Result<HuntEnd> run_hunt(const HuntSetup& setup, const Clock& clock);

}  // namespace squall
