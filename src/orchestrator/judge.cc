// Verdicts and the exit code.
#include "orchestrator/judge.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace squall {
namespace {

constexpr Duration kLateAtLeast = std::chrono::milliseconds(200);
constexpr Duration kLengthTolerance = std::chrono::milliseconds(500);
constexpr double kTolerance = 0.1;  // of the requested length

const FaultInterval* find_interval(const Recording& recording, const std::string& id) {
  for (const FaultInterval& fault : recording.faults) {
    if (fault.id == id) return &fault;
  }
  return nullptr;
}

Duration tolerance(Duration length, Duration at_least) {
  const auto share = static_cast<std::int64_t>(static_cast<double>(length.count()) * kTolerance);
  return std::max(at_least, Duration(share));
}

std::string meta_or_empty(const Recording& recording, const std::string& key) {
  const auto found = recording.meta.find(key);
  return found == recording.meta.end() ? "" : found->second;
}

bool is_control(const Recording& recording) {
  return meta_or_empty(recording, "control") == "true";
}

bool is_complete(const Recording& recording) {
  return meta_or_empty(recording, "ending") == "complete";
}

// Late, cut off by a lost lease, or of another length than asked for.
void judge_times(const TimelineEntry& entry, const FaultInterval& fault,
                 std::vector<std::string>& invalid) {
  const Duration late(fault.start - fault.requested_start);
  const Duration late_max = tolerance(entry.length, kLateAtLeast);
  if (late > late_max) {
    invalid.push_back("fault '" + fault.id + "' started " + to_short_text(late) +
                      " late; the tolerance is " + to_short_text(late_max));
  }
  if (fault.is_event) return;
  if (fault.ending != "healed") {
    invalid.push_back("fault '" + fault.id + "' did not end as written: " + fault.ending);
    return;
  }
  const Duration off = Duration(fault.end - fault.start) - entry.length;
  if (std::chrono::abs(off) > tolerance(entry.length, kLengthTolerance)) {
    invalid.push_back("fault '" + fault.id + "' lasted " +
                      to_short_text(Duration(fault.end - fault.start)) + " instead of " +
                      to_short_text(entry.length));
  }
}

// What a check found out about the run itself: the stack broke its promise before the first fault.
std::string invalid_by_check(const VerdictRow& row) {
  const auto detail = nlohmann::json::parse(row.detail, nullptr, false);
  if (!detail.is_object() || !detail.contains("invalid") || !detail["invalid"].is_string()) {
    return "";
  }
  return row.check + ": " + detail["invalid"].get<std::string>();
}

// Every reason why the run did not happen as the scenario says.
// Of a sealed run; 0 elsewhere.
int busy_percent(const Recording& recording) {
  return static_cast<int>(
      std::strtol(meta_or_empty(recording, "sealed_busy_percent").c_str(), nullptr, 10));
}

std::vector<std::string> invalid_reasons(const Scenario& scenario, const Recording& recording) {
  std::vector<std::string> invalid;
  const std::string ending = meta_or_empty(recording, "ending");
  if (ending.starts_with("invalid: ")) invalid.push_back(ending.substr(9));
  if (const int busy = busy_percent(recording); busy > kMaxBusyPercent) {
    invalid.push_back("the machine was busy for " + std::to_string(busy) + " % of the run (limit " +
                      std::to_string(kMaxBusyPercent) +
                      " %): its emulation was the bottleneck; lower the load or --machine-shift");
  }
  if (ending.empty()) invalid.emplace_back("the run was cut off before its end was recorded");
  for (const VerdictRow& row : recording.verdicts) {
    if (std::string reason = invalid_by_check(row); !reason.empty()) {
      invalid.push_back(std::move(reason));
    }
  }
  if (is_control(recording)) return invalid;
  bool is_any_exercised = false;
  bool is_any_expected = false;
  for (const TimelineEntry& entry : scenario.timeline) {
    const FaultInterval* fault = find_interval(recording, entry.id.get());
    if (fault == nullptr) {
      if (is_complete(recording)) invalid.push_back("fault '" + entry.id.get() + "' never fired");
      continue;
    }
    // Its times first: a lost lease says why the evidence behind it is missing.
    if (is_complete(recording)) judge_times(entry, *fault, invalid);
    const EvidenceSummary evidence = summarize_evidence(recording, fault->id);
    if (!evidence.is_installed) {
      invalid.push_back("fault '" + fault->id + "' was not installed: " + evidence.not_installed);
    }
    is_any_expected |= entry.is_exercise_expected;
    is_any_exercised |= evidence.is_exercised || !entry.is_exercise_expected;
  }
  if (is_complete(recording) && is_any_expected && !is_any_exercised) {
    invalid.emplace_back("the run is vacuous: none of its faults hit anything that the stack did");
  }
  return invalid;
}

// Why a check that found nothing may have seen nothing.
std::vector<std::string> doubts_of(const Scenario& scenario, const Recording& recording) {
  std::vector<std::string> doubts;
  if (is_control(recording)) return doubts;
  for (const TimelineEntry& entry : scenario.timeline) {
    if (find_interval(recording, entry.id.get()) == nullptr) continue;
    const EvidenceSummary evidence = summarize_evidence(recording, entry.id.get());
    if (entry.is_exercise_expected && !evidence.is_exercised) {
      doubts.push_back("fault '" + entry.id.get() + "' hit nothing");
    } else if (entry.is_consequence_expected && !evidence.is_consequential) {
      doubts.push_back("fault '" + entry.id.get() + "' had no consequence");
    }
  }
  return doubts;
}

Expect expectation(const Scenario& scenario, const Recording& recording) {
  return is_control(recording) ? Expect::kPass : scenario.expect;
}

struct Answers {
  bool is_safety_violated = false;
  bool is_slo_violated = false;
  bool is_unknown = false;
  std::uint64_t valid = 0;
  std::uint64_t examined = 0;
};

Answers count_answers(const Recording& recording) {
  Answers answers;
  for (const VerdictRow& row : recording.verdicts) {
    answers.examined += row.examined;
    if (row.answer == "violated") {
      (row.kind == "slo" ? answers.is_slo_violated : answers.is_safety_violated) = true;
    } else if (row.answer == "unknown") {
      answers.is_unknown = true;
    } else {
      ++answers.valid;
    }
  }
  return answers;
}

std::string first_violation(const Recording& recording) {
  for (const VerdictRow& row : recording.verdicts) {
    if (row.answer == "violated") return row.check + ": " + row.summary;
  }
  return "";
}

std::string sentence_of(const Judgement& judgement, const Scenario& scenario,
                        const Recording& recording, const Answers& answers) {
  const std::string violation = first_violation(recording);
  switch (judgement.code) {
    case ExitCode::kAsExpected:
      if (violation.empty()) {
        return "as expected: " + std::to_string(answers.valid) + " check(s) valid over " +
               std::to_string(answers.examined) + " examined";
      }
      return "as expected, a violation: " + violation;
    case ExitCode::kViolation:
      return "violation: " + violation;
    case ExitCode::kInvalid:
      return "invalid, did not run as written: " + judgement.invalid.front();
    case ExitCode::kAborted:
      return meta_or_empty(recording, "ending");
    case ExitCode::kDirty:
      return "dirty, an undo failed: " + meta_or_empty(recording, "dirty");
    case ExitCode::kUsage:
    case ExitCode::kInconclusive:
      break;
  }
  if (expectation(scenario, recording) == Expect::kViolation && !answers.is_unknown) {
    return "inconclusive: a violation was expected and none showed";
  }
  return "inconclusive: " +
         (judgement.doubts.empty() ? "a check could not answer" : judgement.doubts.front());
}

}  // namespace

EvidenceSummary summarize_evidence(const Recording& recording, const std::string& fault) {
  EvidenceSummary summary;
  bool has_failed = false;
  for (const EvidenceRow& row : recording.evidence) {
    if (row.fault != fault) continue;
    if (row.grade == "exercised") summary.is_exercised |= row.holds;
    if (row.grade == "consequential") summary.is_consequential |= row.holds;
    if (row.grade != "installed") continue;
    if (row.moment == "during") summary.is_installed |= row.holds;
    if (row.holds || has_failed) continue;
    has_failed = true;
    summary.not_installed = row.moment + " it, " + row.what +
                            (row.node.empty() ? "" : " on " + row.node) + " expected " +
                            row.expected + ", observed " + row.observed;
  }
  if (!summary.is_installed && summary.not_installed.empty()) {
    summary.not_installed = "nothing confirmed it while it was active";
  }
  summary.is_installed &= !has_failed;
  return summary;
}

std::vector<VerdictRow> run_checks(const Scenario& scenario, const Recording& recording,
                                   const Budget& budget) {
  const std::vector<std::string> doubts = doubts_of(scenario, recording);
  std::vector<VerdictRow> rows;
  for (const CheckRequest& request : scenario.checks) {
    VerdictRow row = to_row(request, run_check(request, recording, budget));
    if (row.answer == "valid" && !doubts.empty()) {
      row.answer = "unknown";
      row.summary = "nothing wrong found (" + row.summary + "), but " + doubts.front();
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

Judgement judge(const Scenario& scenario, const Recording& recording) {
  Judgement judgement;
  judgement.invalid = invalid_reasons(scenario, recording);
  judgement.doubts = doubts_of(scenario, recording);
  const Answers answers = count_answers(recording);
  const Expect expect = expectation(scenario, recording);
  const bool is_violated = answers.is_safety_violated || answers.is_slo_violated;

  std::vector<ExitCode>& applies = judgement.applies;
  if (!meta_or_empty(recording, "dirty").empty()) applies.push_back(ExitCode::kDirty);
  if (answers.is_safety_violated && expect == Expect::kPass)
    applies.push_back(ExitCode::kViolation);
  if (meta_or_empty(recording, "ending").starts_with("aborted: "))
    applies.push_back(ExitCode::kAborted);
  if (!judgement.invalid.empty()) applies.push_back(ExitCode::kInvalid);
  if (answers.is_slo_violated && !answers.is_safety_violated && expect == Expect::kPass) {
    applies.push_back(ExitCode::kViolation);
  }
  const bool is_expected_missing = expect == Expect::kViolation && !is_violated;
  const bool is_stopped = meta_or_empty(recording, "ending").starts_with("stopped: ");
  if (is_expected_missing || ((answers.is_unknown || is_stopped) && !is_violated)) {
    applies.push_back(ExitCode::kInconclusive);
  }
  if (applies.empty()) applies.push_back(ExitCode::kAsExpected);
  judgement.code = applies.front();
  judgement.sentence = sentence_of(judgement, scenario, recording, answers);
  return judgement;
}

}  // namespace squall
