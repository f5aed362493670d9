// Rates over a sliding window.
#include "orchestrator/metrics_window.h"

#include <cmath>

namespace squall {
namespace {

void add_to(OperationCounts& total, const OperationCounts& counts) {
  total.ok += counts.ok;
  total.fail += counts.fail;
  total.negative += counts.negative;
  total.info += counts.info;
}

void take_from(OperationCounts& total, const OperationCounts& counts) {
  total.ok -= counts.ok;
  total.fail -= counts.fail;
  total.negative -= counts.negative;
  total.info -= counts.info;
}

// "95%", "99.9%": rounded down, so that what misses 95 % never reads as 95 %.
std::string percent(double share) {
  constexpr double kRounding = 1e-6;  // 0.29 * 1000 is 289.99999999999994
  const auto tenths = static_cast<int>(std::floor(share * 1000 + kRounding));
  const std::string whole = std::to_string(tenths / 10);
  return tenths % 10 == 0 ? whole + "%" : whole + "." + std::to_string(tenths % 10) + "%";
}

}  // namespace

OperationCounts sum(const std::map<std::string, OperationCounts>& counts) {
  OperationCounts total;
  for (const auto& [client, row] : counts) add_to(total, row);
  return total;
}

double availability(const OperationCounts& counts) {
  if (counts.total() == 0) return 1;
  return static_cast<double>(counts.ok + counts.negative) / static_cast<double>(counts.total());
}

void MetricsWindow::add(Duration now, const std::map<std::string, OperationCounts>& counts) {
  if (!has_any_) first_ = now;
  has_any_ = true;
  slots_.push_back({now, sum(counts)});
  add_to(total_, slots_.back().counts);
  while (slots_.front().at <= now - length_) {
    take_from(total_, slots_.front().counts);
    slots_.pop_front();
  }
}

std::map<std::string, double> MetricsWindow::values() const {
  const double seconds = std::chrono::duration<double>(length_).count();
  return {{"availability", availability(total_)},
          {"operations", static_cast<double>(total_.total()) / seconds},
          {"errors", static_cast<double>(total_.fail + total_.info) / seconds}};
}

GateState SteadyStateGate::on_counts(Duration now,
                                     const std::map<std::string, OperationCounts>& counts) {
  window_.add(now, counts);
  const OperationCounts seen = window_.in_window();
  if (window_.is_full(now) && seen.total() >= rule_.operations &&
      availability(seen) >= rule_.availability) {
    return GateState::kSteady;
  }
  return now >= rule_.within ? GateState::kUnsteady : GateState::kWaiting;
}

std::string SteadyStateGate::explain() const {
  const OperationCounts seen = window_.in_window();
  return "availability " + percent(availability(seen)) + " (at least " +
         percent(rule_.availability) + ") and " + std::to_string(seen.total()) +
         " operations (at least " + std::to_string(rule_.operations) + ") over " +
         to_text(rule_.window) + ", after " + to_text(rule_.within) + " without a fault";
}

}  // namespace squall
