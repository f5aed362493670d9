// Rates over a sliding window, for the steady-state gate, the guard, triggers and the progress
// line. Pure: it is told the time.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "orchestrator/timeline_machine.h"
#include "scenarios/scenario.h"
#include "workload/history_builder.h"

namespace squall {

// The sum of all clients, or of one.
[[nodiscard]] OperationCounts sum(const std::map<std::string, OperationCounts>& counts);
// The share of operations that a working system answered (yes or no), 1 where there were none.
[[nodiscard]] double availability(const OperationCounts& counts);

class MetricsWindow {
 public:
  explicit MetricsWindow(Duration length) : length_(length) {}
  // Counts of the time since the last call.
  void add(Duration now, const std::map<std::string, OperationCounts>& counts);
  [[nodiscard]] OperationCounts in_window() const { return total_; }
  [[nodiscard]] bool is_full(Duration now) const { return now - first_ >= length_ && has_any_; }
  // "availability" 0…1, "operations" and "errors" per second over the window.
  [[nodiscard]] std::map<std::string, double> values() const;

 private:
  struct Slot {
    Duration at;
    OperationCounts counts;
  };
  Duration length_;
  Duration first_{0};
  bool has_any_ = false;
  std::deque<Slot> slots_;
  OperationCounts total_;
};

// The gate before the first fault.
enum class GateState { kWaiting, kSteady, kUnsteady };
class SteadyStateGate {
 public:
  explicit SteadyStateGate(const SteadyGate& rule) : rule_(rule), window_(rule.window) {}
  [[nodiscard]] GateState on_counts(Duration now,
                                    const std::map<std::string, OperationCounts>& counts);
  // Why it is not steady: "availability 43% (at least 95%) and 12 operations (at least 10) over
  // 2s".
  [[nodiscard]] std::string explain() const;

 private:
  SteadyGate rule_;
  MetricsWindow window_;
};

}  // namespace squall
