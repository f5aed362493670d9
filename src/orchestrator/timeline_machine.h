// The orchestrator's core: which fault is applied and healed when.  Events in, effects out; no I/O,
// no clock.  The run loop carries the effects out and reports back.
//
//   pending ─trigger─▶ starting ─applied─▶ active ─for: over─▶ healing ─healed─▶ over
//                          └──failed──▶ over                            (an event is over at once)
//
// When every entry is over, the settle time runs, then the machine finishes.  An abort heals
// everything that was started and finishes without a settle.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/pattern.h"
#include "scenarios/scenario.h"

namespace squall {

// Times are distances from the start of the timeline.
struct ApplyFault {
  std::size_t entry;
  Duration requested;  // when it should start
};
struct HealFault {
  std::size_t entry;
};
enum class Ending {
  kComplete,
  kAborted,  // by the guard or by hand
  kInvalid,  // could not go on as written
  kStopped,  // at a violation that is certain, as the scenario wishes
};
struct FinishRun {
  Ending ending = Ending::kComplete;
  std::string reason;  // why it was cut short; "" where it was not
};
// As the run file keeps it: "complete", "aborted: …", "invalid: …", "stopped: …".
[[nodiscard]] std::string to_text(const FinishRun& finish);
using TimelineEffect = std::variant<ApplyFault, HealFault, FinishRun>;

enum class EntryState { kPending, kStarting, kActive, kHealing, kOver };

struct MetricSample {
  std::map<std::string, double> values;  // "availability" 0…1, "operations", "errors" per second
  std::map<std::string, std::uint64_t> operations;  // per client since the start; "" is the total
};

// Not thread-safe: the run loop owns it.
class TimelineMachine {
 public:
  explicit TimelineMachine(const Scenario& scenario);

  // Each returns what is to be done now, in order.
  [[nodiscard]] std::vector<TimelineEffect> on_tick(Duration now);
  [[nodiscard]] std::vector<TimelineEffect> on_log(Duration now, const std::string& source,
                                                   const std::string& text);
  [[nodiscard]] std::vector<TimelineEffect> on_metrics(Duration now, const MetricSample& sample);
  [[nodiscard]] std::vector<TimelineEffect> on_applied(Duration now, std::size_t entry);
  [[nodiscard]] std::vector<TimelineEffect> on_failed(Duration now, std::size_t entry);
  [[nodiscard]] std::vector<TimelineEffect> on_healed(Duration now, std::size_t entry);
  [[nodiscard]] std::vector<TimelineEffect> on_violation(Duration now, const std::string& reason);
  [[nodiscard]] std::vector<TimelineEffect> on_abort(Duration now, const std::string& reason);

  [[nodiscard]] EntryState state(std::size_t entry) const { return entries_.at(entry).state; }
  // Set once the run will not go on as planned.
  [[nodiscard]] const std::optional<FinishRun>& cut_short() const { return cut_short_; }
  [[nodiscard]] bool is_finished() const { return is_finished_; }
  // How long on_tick() will have nothing to do, unless something is reported before; 0 to
  // `at_most`.
  [[nodiscard]] Duration until_due(Duration now, Duration at_most) const;
  // When the run ends if nothing unforeseen happens, for the progress line; nothing where a trigger
  // has yet to fire.
  [[nodiscard]] std::optional<Duration> planned_end() const;

 private:
  struct Entry {
    EntryState state = EntryState::kPending;
    std::optional<Duration> due;  // pending: starts then; active: heals then
    Duration requested{0};
    bool was_applied = false;
  };
  struct Lasting {
    std::optional<Duration> since;  // a metric condition has held from then on
  };

  [[nodiscard]] std::vector<TimelineEffect> cut_short(Duration now, Ending ending,
                                                      const std::string& reason);
  void follow(std::size_t finished, bool is_start, Duration now);
  void collect_due(Duration now, std::vector<TimelineEffect>& effects);
  [[nodiscard]] std::vector<TimelineEffect> advance(Duration now);
  [[nodiscard]] bool holds_long_enough(Lasting& lasting, bool is_true, Duration lasting_for,
                                       Duration now) const;
  [[nodiscard]] bool is_all_over() const;

  const Scenario& scenario_;
  std::vector<Entry> entries_;
  std::vector<std::optional<Pattern>> patterns_;  // of the entries with `when: {log: …}`
  std::vector<Lasting> trigger_lasting_;
  std::vector<Lasting> guard_lasting_;
  std::optional<Duration> settled_at_;
  std::optional<FinishRun> cut_short_;
  bool is_finished_ = false;
};

}  // namespace squall
