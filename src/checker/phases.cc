// Phases: quiet stretches between faults, split where the stack has recovered.
#include "checker/phases.h"

#include <algorithm>

#include "checker/explain.h"
#include "checker/selection.h"

namespace squall {
namespace {

// Faults that overlap or touch: no window fits between them.
struct Disturbance {
  TimeSpan span;
  std::string last;  // the fault that ended last
};

bool is_applied(const FaultInterval& fault) {
  return !fault.ending.starts_with("not applied");
}

TimeSpan span_of(const FaultInterval& fault, const TimeSpan& load) {
  const std::int64_t from = std::clamp(began(fault), load.from, load.to);
  if (fault.is_event) return {from, from};
  return {from, std::clamp(fault.end, from, std::max(from, load.to))};
}

std::vector<const FaultInterval*> in_order(const std::vector<FaultInterval>& faults) {
  std::vector<const FaultInterval*> order;
  for (const FaultInterval& fault : faults) {
    if (is_applied(fault)) order.push_back(&fault);
  }
  std::stable_sort(order.begin(), order.end(), [](const FaultInterval* a, const FaultInterval* b) {
    return began(*a) < began(*b);
  });
  return order;
}

std::vector<Disturbance> disturbances(const std::vector<const FaultInterval*>& faults,
                                      const TimeSpan& load) {
  std::vector<Disturbance> merged;
  for (const FaultInterval* fault : faults) {
    const TimeSpan span = span_of(*fault, load);
    if (merged.empty() || span.from > merged.back().span.to) {
      merged.push_back({span, fault->id});
    } else if (span.to >= merged.back().span.to) {
      merged.back() = {{merged.back().span.from, span.to}, fault->id};
    }
  }
  return merged;
}

// The window of those that begin at `from` that holds the next operation; its beginning, kNever if
// there is no whole one before `to`.
std::int64_t next_window(const PhaseRule& rule, const TimeSpan& within, std::int64_t at) {
  const std::int64_t next = rule.next(at);
  if (next == kNever || next >= within.to) return kNever;
  const std::int64_t begin = next - (next - within.from) % rule.window;
  return shifted(begin, rule.window) > within.to ? kNever : begin;
}

// The beginning of the first `windows` in a row inside.
std::optional<std::int64_t> first_recovered(const PhaseRule& rule, const TimeSpan& within) {
  std::int64_t first = 0;
  std::size_t in_a_row = 0;
  std::int64_t last_end = within.from;
  for (std::int64_t at = next_window(rule, within, within.from); at != kNever;
       at = next_window(rule, within, last_end)) {
    // A window that was skipped was empty, and breaks the row.
    if (in_a_row == 0 || at != last_end) {
      first = at;
      in_a_row = 0;
    }
    last_end = at + rule.window;
    in_a_row = rule.state({at, last_end}) == WindowState::kInside ? in_a_row + 1 : 0;
    if (in_a_row == rule.windows) return first;
  }
  return std::nullopt;
}

// The end of the first window outside.
std::optional<std::int64_t> first_outside(const PhaseRule& rule, const TimeSpan& within) {
  for (std::int64_t at = next_window(rule, within, within.from); at != kNever;
       at = next_window(rule, within, at + rule.window)) {
    if (rule.state({at, at + rule.window}) == WindowState::kOutside) return at + rule.window;
  }
  return std::nullopt;
}

void append(Phase& phase, const TimeSpan& span) {
  if (span.from < span.to) phase.spans.push_back(span);
}

void find_recoveries(const std::vector<Disturbance>& all, const PhaseRule& rule, Phases& phases) {
  Phase after{PhaseKind::kAfter, {}, {}};
  Phase recovered{PhaseKind::kRecovered, {}, {}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool is_last = i + 1 == all.size();
    const TimeSpan quiet{all[i].span.to, is_last ? rule.load.to : all[i + 1].span.from};
    const std::optional<std::int64_t> at = first_recovered(rule, quiet);
    Recovery recovery{all[i].last, quiet.from, quiet.to, {}, !is_last};
    if (at) recovery.took = *at - quiet.from;
    append(after, {quiet.from, at.value_or(quiet.to)});
    append(recovered, {at.value_or(quiet.to), quiet.to});
    phases.recoveries.push_back(std::move(recovery));
  }
  phases.phases.push_back(std::move(after));
  phases.phases.push_back(std::move(recovered));
}

// From the fault until the next quiet stretch is over: what is slow to show still counts.
Detection detect(const FaultInterval& fault, const std::vector<Disturbance>& all,
                 const PhaseRule& rule) {
  const std::int64_t start = span_of(fault, rule.load).from;
  const auto next = std::find_if(all.begin(), all.end(),
                                 [&](const Disturbance& one) { return one.span.from > start; });
  const std::int64_t until = next == all.end() ? rule.load.to : next->span.from;
  Detection detection{fault.id, start, {}};
  if (const auto end = first_outside(rule, {start, until})) detection.took = *end - start;
  return detection;
}

}  // namespace

std::string_view to_text(PhaseKind kind) {
  switch (kind) {
    case PhaseKind::kWhole:
      return "the whole run";
    case PhaseKind::kBefore:
      return "before";
    case PhaseKind::kDuring:
      return "during";
    case PhaseKind::kAfter:
      return "after";
    case PhaseKind::kRecovered:
      return "recovered";
  }
  return "";
}

std::string Phase::name() const {
  return std::string(to_text(kind)) + (fault.empty() ? "" : " " + fault);
}

Phases find_phases(const std::vector<FaultInterval>& faults, const PhaseRule& rule) {
  const std::vector<const FaultInterval*> order = in_order(faults);
  Phases found;
  if (order.empty()) {
    found.phases.push_back({PhaseKind::kWhole, {}, {rule.load}});
    return found;
  }
  const std::vector<Disturbance> all = disturbances(order, rule.load);
  Phase before{PhaseKind::kBefore, {}, {}};
  append(before, {rule.load.from, all.front().span.from});
  found.phases.push_back(std::move(before));
  for (const FaultInterval* fault : order) {
    Phase during{PhaseKind::kDuring, fault->id, {}};
    append(during, span_of(*fault, rule.load));
    found.phases.push_back(std::move(during));
    found.detections.push_back(detect(*fault, all, rule));
  }
  find_recoveries(all, rule, found);
  std::erase_if(found.phases, [](const Phase& phase) { return phase.spans.empty(); });
  return found;
}

}  // namespace squall
