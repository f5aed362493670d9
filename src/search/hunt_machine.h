// The hunt's decisions: which run is next, which is tried again, when it is over.  Runs go out,
// outcomes come in; no I/O, no clock.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "search/seeds.h"
#include "search/violations.h"

namespace squall {

enum class RunOutcome {
  kClean,
  kViolation,
  kInvalid,       // did not run as written, or ended without a verdict
  kInconclusive,  // a check could not answer
  kAborted,       // by the scenario's guard
};
[[nodiscard]] std::string_view to_text(RunOutcome outcome);
[[nodiscard]] std::optional<RunOutcome> parse_run_outcome(std::string_view text);

// One case with what came of it, over all attempts.
struct CaseResult {
  HuntCase wanted;
  RunOutcome outcome = RunOutcome::kInvalid;
  int exit_code = 0;
  int attempts = 1;
  double seconds = 0;     // of the last attempt
  std::string file{};     // the run file that was kept, in the hunt's folder
  std::string history{};  // the digest
  std::string reason{};   // why it is no clean run, in a sentence
  std::vector<Violation> violations{};
};

struct HuntRules {
  int jobs = 1;
  int retries = 0;  // of a run that was invalid; where runs are deterministic there is no point
  bool until_all = false;  // go on after a violation
};

struct HuntCounts {
  std::uint64_t clean = 0;
  std::uint64_t found = 0;
  std::uint64_t invalid = 0;
  std::uint64_t inconclusive = 0;
  std::uint64_t aborted = 0;
  [[nodiscard]] std::uint64_t done() const {
    return clean + found + invalid + inconclusive + aborted;
  }
};

class HuntMachine {
 public:
  // `known` are results of an earlier sitting; those of cases that are not asked for count too.
  HuntMachine(std::vector<HuntCase> cases, HuntRules rules, std::vector<CaseResult> known = {});

  // The case to start now.  Nothing: wait for an end, or it is over.
  [[nodiscard]] std::optional<HuntCase> next();
  // An attempt has ended.  True: the result stands; false: the case is tried again.
  bool on_ended(CaseResult result);
  // An attempt was cut off by us; the case stays to be done.
  void on_cut_off(const HuntCase& wanted);
  // No more starts: Ctrl-C, or an error that every run would have.
  void stop() { is_stopped_ = true; }

  // Whether what still runs should be cut off, because the hunt has what it was looking for.
  [[nodiscard]] bool is_decided() const;
  [[nodiscard]] bool is_over() const { return running_ == 0 && (is_closed() || todo_.empty()); }
  [[nodiscard]] std::size_t left() const {
    return todo_.size() + static_cast<std::size_t>(running_);
  }
  [[nodiscard]] const HuntCounts& counts() const { return counts_; }
  [[nodiscard]] const std::vector<CaseResult>& results() const { return results_; }

 private:
  [[nodiscard]] bool is_closed() const { return is_stopped_ || is_decided(); }
  void count(const CaseResult& result);

  HuntRules rules_;
  std::deque<HuntCase> todo_;
  std::map<HuntCase, int> attempts_;  // of cases that are not done
  std::vector<CaseResult> results_;
  HuntCounts counts_;
  int running_ = 0;
  bool is_stopped_ = false;
};

// Violations of one checker and one shape, the most frequent first.
struct ViolationGroup {
  std::string check;
  std::string shape;
  std::vector<const CaseResult*> runs;
  std::string summary;  // of the first
};
[[nodiscard]] std::vector<ViolationGroup> grouped(const std::vector<CaseResult>& results);

// The exit code: 1 a violation was found; 4 none was, but more than one case in ten gave no answer;
// 0 none.  The shell knows the others.
[[nodiscard]] int exit_code_of(const HuntCounts& counts);

}  // namespace squall
