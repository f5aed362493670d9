// Probes decide on their own; requests eject for a while.
#include "reference/gateway/outlier_core.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/check.h"
#include "base/nearest.h"

namespace squall::reference {
namespace {

Duration median(std::vector<Duration>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// base, 2 base, 4 base … at most `limit`.
Duration doubled(Duration base, int times, Duration limit) {
  for (; times > 0 && base < limit; --times) base *= 2;
  return std::min(base, limit);
}

}  // namespace

Result<HealthPolicy> health_from_text(std::string_view text) {
  if (text == "progress") return HealthPolicy::kProgress;
  if (text == "process") return HealthPolicy::kProcess;
  return Error{Errc::kInvalid, "'" + std::string(text) + "' is not a kind of health check" +
                                   suggestion(text, {"progress", "process"})};
}

std::string_view to_text(OutlierEventKind kind) {
  switch (kind) {
    case OutlierEventKind::kUnavailable:
      return "replica-unavailable";
    case OutlierEventKind::kAvailable:
      return "replica-available";
    case OutlierEventKind::kEjected:
      return "replica-ejected";
    case OutlierEventKind::kReturned:
      return "replica-returned";
    case OutlierEventKind::kSpared:
      break;
  }
  return "replica-spared";
}

void OutlierCore::add(const std::string& replica, const std::string& region) {
  replicas_.insert_or_assign(replica, State{.region = region});
}

void OutlierCore::remove(std::string_view replica) {
  const auto found = replicas_.find(replica);
  if (found != replicas_.end()) replicas_.erase(found);
}

void OutlierCore::tell(OutlierEventKind kind, std::string_view replica, std::string why,
                       Duration length) {
  events_.push_back({kind, std::string(replica), std::move(why), length});
}

// "No" is believed at once: a replica that drains must lose its traffic before it stops.  Silence
// may be one lost packet.
void OutlierCore::on_probe(std::string_view replica, ProbeAnswer answer) {
  const auto found = replicas_.find(replica);
  if (found == replicas_.end()) return;
  State& state = found->second;
  const bool was_good = state.is_probed_good;
  state.probes_lost = answer == ProbeAnswer::kNone ? state.probes_lost + 1 : 0;
  if (answer == ProbeAnswer::kGood) state.is_probed_good = true;
  if (answer == ProbeAnswer::kBad) state.is_probed_good = false;
  if (state.probes_lost >= rules_.probes_lost) state.is_probed_good = false;
  if (was_good == state.is_probed_good) return;
  tell(was_good ? OutlierEventKind::kUnavailable : OutlierEventKind::kAvailable, replica, "probe");
}

void OutlierCore::on_request(std::string_view replica, RequestEnd end, Duration latency,
                             MonoTime now) {
  const auto found = replicas_.find(replica);
  if (found == replicas_.end() || rules_.policy == HealthPolicy::kProcess) return;
  State& state = found->second;
  if (end == RequestEnd::kRefusal) return;
  // A request that found no answer is at least as slow as it was waited for.
  if (rules_.ejects_slow && state.latencies.size() < kMaxSamples) {
    state.latencies.push_back(latency);
  }
  state.failures = end == RequestEnd::kFailure ? state.failures + 1 : 0;
  if (state.failures >= rules_.failures_in_a_row) eject(*found, "failures", now);
}

void OutlierCore::eject(Replica& replica, const std::string& why, MonoTime now) {
  State& state = replica.second;
  if (state.is_ejected) return;
  state.failures = 0;
  const auto ejected =
      static_cast<double>(std::count_if(replicas_.begin(), replicas_.end(),
                                        [](const auto& other) { return other.second.is_ejected; }));
  const double allowed =
      std::max(1.0, std::floor(rules_.ejected_max * static_cast<double>(replicas_.size())));
  if (ejected + 1 > allowed) return tell(OutlierEventKind::kSpared, replica.first, why);
  const bool is_forgiven = now > state.ejected_until + rules_.ejection_max * kForgivenAfter;
  if (is_forgiven) state.ejections = 0;
  const Duration length = doubled(rules_.ejection_min, state.ejections, rules_.ejection_max);
  ++state.ejections;
  state.is_ejected = true;
  state.ejected_until = now + length;
  state.latencies.clear();
  tell(OutlierEventKind::kEjected, replica.first, why, length);
}

bool OutlierCore::is_slow(const Replica& replica,
                          const std::map<std::string_view, Duration>& medians) const {
  const auto own = medians.find(replica.first);
  if (own == medians.end()) return false;
  std::vector<Duration> others;
  for (const auto& [name, value] : medians) {
    const bool is_peer = replicas_.find(name)->second.region == replica.second.region;
    if (name != replica.first && is_peer) others.push_back(value);
  }
  if (others.empty()) return false;
  const Duration usual = median(others);
  const auto limit = static_cast<double>(usual.count()) * rules_.slow_factor;
  return own->second >= usual + rules_.slow_least &&
         static_cast<double>(own->second.count()) >= limit;
}

void OutlierCore::judge_latencies(MonoTime now) {
  std::map<std::string_view, Duration> medians;
  for (auto& [name, state] : replicas_) {
    if (state.is_ejected || state.latencies.size() < rules_.slow_samples) continue;
    medians.emplace(name, median(state.latencies));
  }
  for (Replica& replica : replicas_) {
    if (is_slow(replica, medians)) eject(replica, "slow", now);
  }
  for (Replica& replica : replicas_) replica.second.latencies.clear();
}

void OutlierCore::on_tick(MonoTime now) {
  for (auto& [name, state] : replicas_) {
    if (!state.is_ejected || now < state.ejected_until) continue;
    state.is_ejected = false;
    tell(OutlierEventKind::kReturned, name, "");
  }
  if (now < window_end_) return;
  if (window_end_.ns() != 0) judge_latencies(now);
  window_end_ = now + rules_.window;
}

bool OutlierCore::is_available(std::string_view replica) const {
  const auto found = replicas_.find(replica);
  if (found == replicas_.end()) return false;
  return found->second.is_probed_good && !found->second.is_ejected;
}

bool OutlierCore::is_ejected(std::string_view replica) const {
  const auto found = replicas_.find(replica);
  return found != replicas_.end() && found->second.is_ejected;
}

std::vector<OutlierEvent> OutlierCore::take_events() {
  return std::exchange(events_, {});
}

}  // namespace squall::reference
