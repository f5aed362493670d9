// Shrinking a violation: smaller and smaller scenarios that still violate the same check.
//
//   OUT/shrunk.yaml    the smallest so far, which says what it is; at the end with its rate
//   OUT/shrunk.squall  a run of it that violated the check
//   OUT/shrink.json    state: what every candidate came to
//   OUT/running/       the candidate that is tried
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "scenarios/scenario.h"
#include "search/shrink_parts.h"

namespace squall {

struct ShrinkSetup {
  std::string program;             // squall
  std::vector<std::string> flags;  // of every run: --arena, --no-baseline
  std::string source;              // the run file, for people
  Scenario original;
  ShrinkScope scope;
  Vocabulary vocabulary;
  std::optional<std::uint64_t> perturb{};  // that the violation was found with
  std::string identity;
  std::string out;
  int tries = 3;     // of each candidate
  int enough = 1;    // of them must violate the check
  int measure = 10;  // fresh tries of the result
  int budget = 200;  // runs in all, those that measure included
  int jobs = 1;
  bool is_fresh = false;
  std::function<void(const std::string&)> show;
  std::function<void(const std::string&)> say;
};

struct ShrinkEnd {
  Scenario best;
  std::vector<std::string> changes;
  int runs = 0;
  double seconds = 0;
  int measured = 0;           // fresh tries of the result …
  int violated = 0;           // … of which so many violated the check
  bool is_confirmed = false;  // the original did, when it was tried
  bool is_minimal = false;    // nothing more can go; false: cut off by hand or by the budget
  bool is_interrupted = false;
  std::string why_not{};            // what the original did instead
  std::optional<int> fatal_code{};  // dirty (6)
};

[[nodiscard]] Result<ShrinkEnd> run_shrink(const ShrinkSetup& setup, const Clock& clock);

// The result for people.
[[nodiscard]] std::string shrink_summary(const ShrinkSetup& setup, const ShrinkEnd& end);
// The result as a scenario file that says of itself what it is.
[[nodiscard]] std::string shrunk_yaml(const ShrinkSetup& setup, const ShrinkEnd& end);

}  // namespace squall
