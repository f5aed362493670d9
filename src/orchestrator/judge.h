// The judge: from a recording to verdicts, and from those and the evidence to an exit code.  Pure,
// so that a run file can be judged again anywhere.
#pragma once

#include <string>
#include <vector>

#include "checker/checker.h"
#include "history/recording.h"
#include "scenarios/scenario.h"

namespace squall {

// Stable: CI reads them.  The loudest wins: 6, 1 (safety), 5, 3, 1 (SLO), 4, 0.
enum class ExitCode : int {
  kAsExpected = 0,
  kViolation = 1,
  kUsage = 2,
  kInvalid = 3,       // did not run as written
  kInconclusive = 4,  // unknown, or an expected violation that did not show
  kAborted = 5,       // by the guard or by hand
  kDirty = 6,         // an undo failed
};

// A sealed machine that is busier is itself the bottleneck: what it shows is its emulation.
inline constexpr int kMaxBusyPercent = 70;

struct Judgement {
  ExitCode code = ExitCode::kInconclusive;
  std::vector<ExitCode> applies;     // all that apply, the loudest first
  std::vector<std::string> invalid;  // why the run is invalid, one sentence each
  std::vector<std::string> doubts;   // why an answer became unknown
  std::string sentence;              // "as expected: …"
};

// What a fault's evidence amounts to.
struct EvidenceSummary {
  bool is_installed = false;
  bool is_exercised = false;
  bool is_consequential = false;
  std::string not_installed;  // the first row that does not hold
};
[[nodiscard]] EvidenceSummary summarize_evidence(const Recording& recording,
                                                 const std::string& fault);

// Runs the scenario's checks and lets missing evidence turn "valid" into "unknown" (never
// "violated" into anything).
[[nodiscard]] std::vector<VerdictRow> run_checks(const Scenario& scenario,
                                                 const Recording& recording, const Budget& budget);

// Needs recording.verdicts and the consequential evidence in place.
[[nodiscard]] Judgement judge(const Scenario& scenario, const Recording& recording);

}  // namespace squall
