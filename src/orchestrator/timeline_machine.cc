// Which fault is applied and healed when.
#include "orchestrator/timeline_machine.h"

#include <algorithm>

#include "injectors/injector.h"

namespace squall {
namespace {

bool is_event(const TimelineEntry& entry) {
  const InjectorRow* row = find_injector(entry.kind);
  return row != nullptr && row->is_event;
}

bool is_met(bool is_below, double bound, double value) {
  return is_below ? value < bound : value > bound;
}

}  // namespace

std::string to_text(const FinishRun& finish) {
  switch (finish.ending) {
    case Ending::kComplete:
      break;
    case Ending::kAborted:
      return "aborted: " + finish.reason;
    case Ending::kInvalid:
      return "invalid: " + finish.reason;
    case Ending::kStopped:
      return "stopped: " + finish.reason;
  }
  return "complete";
}

TimelineMachine::TimelineMachine(const Scenario& scenario)
    : scenario_(scenario),
      entries_(scenario.timeline.size()),
      patterns_(scenario.timeline.size()),
      trigger_lasting_(scenario.timeline.size()),
      guard_lasting_(scenario.guard.size()) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (const auto* at = std::get_if<AtTime>(&scenario_.timeline[i].trigger)) {
      entries_[i].due = at->at;
    } else if (const auto* when = std::get_if<WhenLog>(&scenario_.timeline[i].trigger)) {
      // The scenario was validated: what does not compile here matches nothing.
      Result<Pattern> pattern = Pattern::compile(when->pattern);
      if (pattern.ok()) patterns_[i] = *pattern;
    }
  }
}

std::vector<TimelineEffect> TimelineMachine::on_tick(Duration now) {
  return advance(now);
}

std::vector<TimelineEffect> TimelineMachine::on_log(Duration now, const std::string& source,
                                                    const std::string& text) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const auto* when = std::get_if<WhenLog>(&scenario_.timeline[i].trigger);
    if (when == nullptr || entries_[i].state != EntryState::kPending || entries_[i].due) continue;
    if (!when->of.empty() && when->of != source) continue;
    if (patterns_[i] && patterns_[i]->is_in(text)) entries_[i].due = now;
  }
  return advance(now);
}

std::vector<TimelineEffect> TimelineMachine::on_metrics(Duration now, const MetricSample& sample) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].state != EntryState::kPending || entries_[i].due) continue;
    const Trigger& trigger = scenario_.timeline[i].trigger;
    if (const auto* when = std::get_if<WhenMetric>(&trigger)) {
      const auto value = sample.values.find(when->metric);
      const bool is_true =
          value != sample.values.end() && is_met(when->is_below, when->value, value->second);
      if (holds_long_enough(trigger_lasting_[i], is_true, when->lasting, now))
        entries_[i].due = now;
    } else if (const auto* count = std::get_if<WhenCount>(&trigger)) {
      const auto value = sample.operations.find(count->client);
      if (value != sample.operations.end() && value->second >= count->operations) {
        entries_[i].due = now;
      }
    }
  }
  for (std::size_t i = 0; i < scenario_.guard.size(); ++i) {
    const AbortRule& rule = scenario_.guard[i];
    const auto value = sample.values.find(rule.metric);
    const bool is_true =
        value != sample.values.end() && is_met(rule.is_below, rule.value, value->second);
    if (!holds_long_enough(guard_lasting_[i], is_true, rule.lasting, now)) continue;
    return on_abort(now, "guard: " + rule.metric + (rule.is_below ? " below " : " above ") +
                             "its bound for " + to_text(rule.lasting));
  }
  return advance(now);
}

std::vector<TimelineEffect> TimelineMachine::on_applied(Duration now, std::size_t entry) {
  Entry& applied = entries_.at(entry);
  applied.was_applied = true;
  follow(entry, true, now);
  if (is_event(scenario_.timeline[entry])) {
    applied.state = EntryState::kOver;
    applied.due.reset();
    follow(entry, false, now);
  } else {
    applied.state = EntryState::kActive;
    applied.due = cut_short_ ? now : now + scenario_.timeline[entry].length;
  }
  return advance(now);
}

std::vector<TimelineEffect> TimelineMachine::on_failed(Duration now, std::size_t entry) {
  // What follows a fault that never was would run without its premise: the run is invalid anyway.
  std::vector<TimelineEffect> effects =
      cut_short(now, Ending::kInvalid,
                "fault '" + scenario_.timeline.at(entry).id.get() + "' could not be applied");
  entries_.at(entry).state = EntryState::kOver;
  const std::vector<TimelineEffect> more = advance(now);
  effects.insert(effects.end(), more.begin(), more.end());
  return effects;
}

std::vector<TimelineEffect> TimelineMachine::on_healed(Duration now, std::size_t entry) {
  entries_.at(entry).state = EntryState::kOver;
  entries_.at(entry).due.reset();
  follow(entry, false, now);
  return advance(now);
}

std::vector<TimelineEffect> TimelineMachine::on_abort(Duration now, const std::string& reason) {
  return cut_short(now, Ending::kAborted, reason);
}

std::vector<TimelineEffect> TimelineMachine::on_violation(Duration now, const std::string& reason) {
  return cut_short(now, Ending::kStopped, reason);
}

std::vector<TimelineEffect> TimelineMachine::cut_short(Duration now, Ending ending,
                                                       const std::string& reason) {
  if (cut_short_ || is_finished_) return advance(now);
  cut_short_ = FinishRun{ending, reason};
  settled_at_.reset();  // the rest of a settle that has begun is cut short too
  for (Entry& entry : entries_) {
    if (entry.state == EntryState::kPending) entry.state = EntryState::kOver;
    if (entry.state == EntryState::kActive) entry.due = now;
  }
  return advance(now);
}

// Arms the entries that wait for the start or the end of `finished`.
void TimelineMachine::follow(std::size_t finished, bool is_start, Duration now) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const auto* after = std::get_if<AfterFault>(&scenario_.timeline[i].trigger);
    if (after == nullptr || after->of_start != is_start) continue;
    if (after->fault != scenario_.timeline[finished].id) continue;
    if (entries_[i].state == EntryState::kPending && !entries_[i].due) {
      entries_[i].due = now + after->by;
    }
  }
}

void TimelineMachine::collect_due(Duration now, std::vector<TimelineEffect>& effects) {
  // Heals go first: at equal times the timeline never holds more faults than it says.
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (entry.state != EntryState::kActive || !entry.due || *entry.due > now) continue;
    entry.state = EntryState::kHealing;
    effects.emplace_back(HealFault{i});
  }
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (entry.state != EntryState::kPending || !entry.due || *entry.due > now) continue;
    entry.state = EntryState::kStarting;
    entry.requested = *entry.due;
    effects.emplace_back(ApplyFault{i, *entry.due});
  }
}

std::vector<TimelineEffect> TimelineMachine::advance(Duration now) {
  std::vector<TimelineEffect> effects;
  if (is_finished_) return effects;
  if (now > scenario_.limit && !cut_short_) {
    return cut_short(now, Ending::kInvalid,
                     "the timeline passed its limit of " + to_text(scenario_.limit) +
                         "; a trigger may never have fired");
  }
  collect_due(now, effects);
  if (!is_all_over()) return effects;
  if (!settled_at_) {
    settled_at_ = cut_short_ ? now : std::max(now, scenario_.duration) + scenario_.settle;
  }
  if (now < *settled_at_) return effects;
  is_finished_ = true;
  effects.emplace_back(cut_short_.value_or(FinishRun{}));
  return effects;
}

bool TimelineMachine::holds_long_enough(Lasting& lasting, bool is_true, Duration lasting_for,
                                        Duration now) const {
  if (!is_true) {
    lasting.since.reset();
    return false;
  }
  if (!lasting.since) lasting.since = now;
  return now - *lasting.since >= lasting_for;
}

bool TimelineMachine::is_all_over() const {
  return std::all_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.state == EntryState::kOver; });
}

Duration TimelineMachine::until_due(Duration now, Duration at_most) const {
  Duration due = settled_at_.value_or(now + at_most);
  for (const Entry& entry : entries_) {
    const bool is_waiting =
        entry.state == EntryState::kPending || entry.state == EntryState::kActive;
    if (is_waiting && entry.due) due = std::min(due, *entry.due);
  }
  return std::clamp(due - now, Duration{0}, at_most);
}

std::optional<Duration> TimelineMachine::planned_end() const {
  if (settled_at_) return settled_at_;
  Duration last{0};
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.state == EntryState::kOver || entry.state == EntryState::kHealing) continue;
    if (!entry.due) return std::nullopt;
    const bool is_active = entry.state == EntryState::kActive;
    last = std::max(last, *entry.due + (is_active ? Duration{0} : scenario_.timeline[i].length));
  }
  return std::max(last, scenario_.duration) + scenario_.settle;
}

}  // namespace squall
