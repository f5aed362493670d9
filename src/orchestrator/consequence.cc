// What followed a fault: errors, slower operations, a new leader.
#include "orchestrator/consequence.h"

#include <algorithm>
#include <cstdio>
#include <set>

namespace squall {
namespace {

constexpr double kMoreErrors = 2.0;  // errors per second, against those before the first fault
constexpr double kMuchSlower = 3.0;  // the slowest operation, against the slowest before
constexpr std::int64_t kSlowAtLeast = 50'000'000;  // ns: less is noise of a busy host
constexpr std::string_view kLeaderMetric = "leader(";

struct Window {
  std::int64_t from = 0;
  std::int64_t to = 0;
  [[nodiscard]] bool holds(std::int64_t at) const { return at >= from && at < to; }
  [[nodiscard]] double seconds() const {
    return std::max(1e-3, static_cast<double>(to - from) / 1e9);
  }
};

struct Activity {
  std::uint64_t operations = 0;
  std::uint64_t unavailable = 0;
  std::int64_t slowest = 0;
};

// Operations that were under way or sent inside the window.  One that a fault caught on its way is
// no error of the calm before it: `is_open_counted` says whether what had no answer by the end of
// the window counts as unavailable.
Activity activity_in(const History& history, const Window& window, bool is_open_counted) {
  Activity activity;
  for (OpIndex i = 0; i < history.size(); ++i) {
    const std::int64_t sent = history.sent()[i];
    if (sent >= window.to || history.completed()[i] < window.from) continue;
    ++activity.operations;
    const bool is_bad = is_unavailable(history.outcome()[i], history.error(i));
    const bool is_open = history.completed()[i] >= window.to;
    if (is_bad && (!is_open || is_open_counted)) ++activity.unavailable;
    const std::int64_t completed = std::min(history.completed()[i], window.to);
    activity.slowest = std::max(activity.slowest, completed - sent);
  }
  return activity;
}

std::string per_second(double rate) {
  char text[48];
  (void)std::snprintf(text, sizeof text, "%.1f unavailable operations/s", rate);
  return text;
}

EvidenceRow row_for(const FaultInterval& fault, const Window& window) {
  EvidenceRow row;
  row.fault = fault.id;
  row.grade = "consequential";
  row.moment = "during";
  row.at = window.to;
  return row;
}

EvidenceRow errors_row(const FaultInterval& fault, const Window& window, const Activity& before,
                       double before_seconds, const Activity& during) {
  EvidenceRow row = row_for(fault, window);
  const double rate_before = static_cast<double>(before.unavailable) / before_seconds;
  const double rate = static_cast<double>(during.unavailable) / window.seconds();
  row.what = "errors";
  row.expected = "more than " + per_second(rate_before * kMoreErrors);
  row.observed = per_second(rate);
  row.holds = during.unavailable > 0 && rate > rate_before * kMoreErrors;
  return row;
}

EvidenceRow slower_row(const FaultInterval& fault, const Window& window, const Activity& before,
                       const Activity& during) {
  EvidenceRow row = row_for(fault, window);
  const auto bound = std::max(
      kSlowAtLeast, static_cast<std::int64_t>(static_cast<double>(before.slowest) * kMuchSlower));
  row.what = "slowest operation";
  row.expected = "more than " + to_short_text(Duration(bound));
  row.observed = to_short_text(Duration(during.slowest));
  row.holds = during.slowest > bound;
  return row;
}

// The leader metrics say which node led (its number), whenever that changed.
std::vector<EvidenceRow> leader_rows(const Recording& recording, const FaultInterval& fault,
                                     const Window& window) {
  std::set<std::string> names;
  for (const MetricPoint& point : recording.metrics) {
    if (point.name.starts_with(kLeaderMetric)) names.insert(point.name);
  }
  std::vector<EvidenceRow> rows;
  for (const std::string& name : names) {
    std::uint64_t changes = 0;
    for (const MetricPoint& point : recording.metrics) {
      // The first point of a name is the leader at the start, not a change.
      if (point.name == name && point.at > 0 && window.holds(point.at)) ++changes;
    }
    EvidenceRow row = row_for(fault, window);
    row.what = "changes of " + name;
    row.expected = "at least 1";
    row.observed = std::to_string(changes);
    row.holds = changes > 0;
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

bool is_unavailable(Outcome outcome, std::string_view error) {
  if (outcome == Outcome::kOk) return false;
  return outcome == Outcome::kInfo || !error.starts_with(kNegativeAnswer);
}

std::vector<EvidenceRow> consequences(const Recording& recording) {
  std::int64_t first_start = kNever;
  std::int64_t last = 0;
  for (const FaultInterval& fault : recording.faults)
    first_start = std::min(first_start, fault.start);
  for (const std::int64_t sent : recording.history.sent()) last = std::max(last, sent);
  std::vector<EvidenceRow> rows;
  const Window calm{0, first_start};
  const Activity before = activity_in(recording.history, calm, false);
  for (const FaultInterval& fault : recording.faults) {
    const std::int64_t end = fault.is_event ? fault.start : std::min(fault.end, last);
    const Window window{
        fault.start, std::min(end, kNever - kConsequenceGrace.count()) + kConsequenceGrace.count()};
    const Activity during = activity_in(recording.history, window, true);
    rows.push_back(errors_row(fault, window, before, calm.seconds(), during));
    rows.push_back(slower_row(fault, window, before, during));
    for (EvidenceRow& row : leader_rows(recording, fault, window)) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace squall
