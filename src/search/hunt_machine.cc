// The hunt's decisions.
#include "search/hunt_machine.h"

#include <algorithm>
#include <array>
#include <set>

namespace squall {
namespace {

constexpr std::array<std::string_view, 5> kOutcomes = {"clean", "violation", "invalid",
                                                       "inconclusive", "aborted"};
// So many of ten cases may stay without an answer before the hunt as a whole has none.
constexpr std::uint64_t kUnansweredInTen = 1;

}  // namespace

std::string_view to_text(RunOutcome outcome) {
  return kOutcomes.at(static_cast<std::size_t>(outcome));
}

std::optional<RunOutcome> parse_run_outcome(std::string_view text) {
  const auto found = std::find(kOutcomes.begin(), kOutcomes.end(), text);
  if (found == kOutcomes.end()) return std::nullopt;
  return static_cast<RunOutcome>(found - kOutcomes.begin());
}

HuntMachine::HuntMachine(std::vector<HuntCase> cases, HuntRules rules,
                         std::vector<CaseResult> known)
    : rules_(rules), results_(std::move(known)) {
  std::set<HuntCase> done;
  for (const CaseResult& result : results_) {
    done.insert(result.wanted);
    count(result);
  }
  for (const HuntCase& wanted : cases) {
    if (!done.contains(wanted)) todo_.push_back(wanted);
  }
}

void HuntMachine::count(const CaseResult& result) {
  switch (result.outcome) {
    case RunOutcome::kClean:
      ++counts_.clean;
      return;
    case RunOutcome::kViolation:
      ++counts_.found;
      return;
    case RunOutcome::kInvalid:
      ++counts_.invalid;
      return;
    case RunOutcome::kInconclusive:
      ++counts_.inconclusive;
      return;
    case RunOutcome::kAborted:
      ++counts_.aborted;
      return;
  }
}

bool HuntMachine::is_decided() const {
  return !rules_.until_all && counts_.found > 0;
}

std::optional<HuntCase> HuntMachine::next() {
  if (is_closed() || todo_.empty() || running_ >= rules_.jobs) return std::nullopt;
  const HuntCase wanted = todo_.front();
  todo_.pop_front();
  ++running_;
  ++attempts_[wanted];
  return wanted;
}

bool HuntMachine::on_ended(CaseResult result) {
  CHECK(running_ > 0);
  --running_;
  result.attempts = attempts_[result.wanted];
  if (result.outcome == RunOutcome::kInvalid && result.attempts <= rules_.retries) {
    todo_.push_back(result.wanted);
    return false;
  }
  attempts_.erase(result.wanted);
  count(result);
  results_.push_back(std::move(result));
  return true;
}

void HuntMachine::on_cut_off(const HuntCase& wanted) {
  CHECK(running_ > 0);
  --running_;
  --attempts_[wanted];
  todo_.push_front(wanted);
}

std::vector<ViolationGroup> grouped(const std::vector<CaseResult>& results) {
  std::vector<ViolationGroup> groups;
  for (const CaseResult& result : results) {
    for (const Violation& violation : result.violations) {
      auto found = std::find_if(groups.begin(), groups.end(), [&](const ViolationGroup& group) {
        return group.check == violation.check && group.shape == violation.shape;
      });
      if (found == groups.end()) {
        groups.push_back({violation.check, violation.shape, {}, violation.summary});
        found = groups.end() - 1;
      }
      found->runs.push_back(&result);
    }
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const ViolationGroup& a, const ViolationGroup& b) {
                     return a.runs.size() > b.runs.size();
                   });
  return groups;
}

int exit_code_of(const HuntCounts& counts) {
  if (counts.found > 0) return 1;
  const std::uint64_t unanswered = counts.done() - counts.clean;
  const bool is_answered = counts.clean > 0 && unanswered * 10 <= counts.done() * kUnansweredInTen;
  return is_answered ? 0 : 4;
}

}  // namespace squall
