// How faults end, and what there is to see of them.  Their start is in agent_core.cc.
#include <algorithm>

#include "agent/agent_core.h"

namespace squall {
namespace {

// After so many failed undos in a row the whole nftables table is given up.
constexpr int kGiveUpNetworkAfter = 3;

template <typename Wanted>
bool has_effect(const LeasedFault& fault) {
  return std::any_of(fault.effects.begin(), fault.effects.end(),
                     [](const Effect& e) { return std::holds_alternative<Wanted>(e); });
}

bool acts_on_network(const LeasedFault& fault) {
  return has_effect<DropFrom>(fault) || has_effect<LoseFrom>(fault) || has_effect<DelayTo>(fault);
}

}  // namespace

std::vector<LeasedFault> AgentCore::active() const {
  std::vector<LeasedFault> all;
  for (const auto& [id, fault] : active_) all.push_back(fault);
  return all;
}

ProcessState AgentCore::desired_processes() const {
  return compile_processes(active(), !parts_.config.cgroup_parent.empty());
}

Result<> AgentCore::reconcile(Duration lease) {
  const std::vector<LeasedFault> faults = active();
  const NetworkState network = TRY(compile_network(faults, parts_.config.nodes));
  // A plane that fails must not keep the other one from healing.
  const Result<> first = network_.reconcile(network, lease);
  const Result<> second = processes_.reconcile(desired_processes());
  const Result<> third = clocks_.reconcile(desired_clocks());
  count_paused();
  if (!first.ok()) return first.error().in("network plane");
  if (!second.ok()) return second.error().in("process plane");
  if (!third.ok()) return third.error().in("clock plane");
  return {};
}

// The table belongs to our socket: closing it always works, and ends every fault of the plane.
Result<> AgentCore::give_up_network() {
  TRY(network_.drop_all());
  for (const LeasedFault& fault : active()) {
    if (acts_on_network(fault))
      lose(fault.fault.id, "the network plane had to be given up to heal another fault");
  }
  return {};
}

Result<> AgentCore::settle() {
  keep_counters();
  if (undo_failures_ >= kGiveUpNetworkAfter) TRY(give_up_network());
  const Result<> reconciled = reconcile(kLeaseDefault);  // nothing is new, so nothing is armed
  if (!reconciled.ok()) {
    ++undo_failures_;
    dirty_reason_ = reconciled.error().what;
    const BootTime now = parts_.clock.boot();
    for (const FaultId& fault : healing_) leases_.heal_failed(fault, now);
    retry_at_ = now + kHealRetry;
    parts_.wake_loop();
    return Error{Errc::kDirty, "could not undo: " + dirty_reason_};
  }
  undo_failures_ = 0;
  retry_at_ = {};
  dirty_reason_.clear();
  for (const FaultId& fault : std::exchange(healing_, {})) {
    leases_.healed(fault);
    release_slot(fault);
  }
  return {};
}

void AgentCore::release_slot(const FaultId& fault) {
  const auto slot = slots_.find(fault);
  if (slot == slots_.end()) return;
  parts_.board.release_slot(slot->second);
  slots_.erase(slot);
}

void AgentCore::end(const FaultId& fault) {
  count_paused();  // a short pause may not have been looked at since it began
  count_skewed();
  remember(fault);
  active_.erase(fault);
  healing_.insert(fault);
  leases_.give_back(fault);
}

void AgentCore::lose(const FaultId& fault, const std::string& why) {
  if (!active_.contains(fault)) return;
  end(fault);
  const LapsedLease lapsed{fault, parts_.clock.mono()};
  lapsed_.push_back(lapsed);
  ever_lapsed_.insert(fault);
  parts_.events.publish({lapsed.at, lapsed});
  say("fault " + fault.get() + " is over: " + why);
  parts_.wake_loop();
}

// Called once a fault is over, or an event has happened.
void AgentCore::remember(const FaultId& fault) {
  std::erase(over_, fault);
  over_.push_back(fault);
  forget_the_oldest();
}

void AgentCore::forget_the_oldest() {
  for (; over_.size() > kMaxRememberedFaults; over_.pop_front()) {
    const FaultId& fault = over_.front();
    applied_.erase(fault);
    ever_lapsed_.erase(fault);
    final_counters_.erase(fault);
    paused_counts_.erase(fault);
    skewed_counts_.erase(fault);
    journal_.forget(fault);
  }
  if (lapsed_.size() > kMaxRememberedFaults) lapsed_.erase(lapsed_.begin());
}

void AgentCore::say(const std::string& note) {
  if (note == last_note_) return;  // a retry that fails again for the same reason
  last_note_ = note;
  parts_.events.publish({parts_.clock.mono(), NodeNote{note}});
}

Result<HealedFaults> AgentCore::heal_these(const std::vector<FaultId>& faults) {
  HealedFaults healed;
  for (const FaultId& fault : faults) {
    if (active_.contains(fault)) end(fault);
    if (ever_lapsed_.contains(fault)) healed.lost.push_back(fault);
  }
  if (!healing_.empty()) TRY(settle());
  healed.at = parts_.clock.mono();
  return healed;
}

Result<HealedFaults> AgentCore::heal(const FaultId& fault) {
  const std::lock_guard lock(mutex_);
  lose_revoked();
  return heal_these({fault});
}

Result<HealedFaults> AgentCore::heal_all() {
  const std::lock_guard lock(mutex_);
  lose_revoked();
  std::vector<FaultId> all;
  for (const auto& [id, fault] : active_) all.push_back(id);
  for (const LapsedLease& lapsed : lapsed_) all.push_back(lapsed.fault);
  return heal_these(all);
}

void AgentCore::lose_revoked() {
  for (const auto& [fault, slot] : std::map<FaultId, std::size_t>(slots_)) {
    if (parts_.board.is_revoked(slot)) lose(fault, "its lease had lapsed; the watchdog ended it");
  }
  for (const FaultId& fault : leases_.tick(parts_.clock.boot()).lost) {
    lose(fault, "nobody renewed its lease");
  }
}

std::optional<BootTime> AgentCore::tick() {
  const std::lock_guard lock(mutex_);
  if (pauses_anything() && !parts_.is_watchdog_alive()) {
    for (const auto& [fault, slot] : std::map<FaultId, std::size_t>(slots_)) {
      lose(fault, "the watchdog has died");
    }
  }
  lose_revoked();
  look_at_delay_line();
  const BootTime now = parts_.clock.boot();
  const bool has_cleared_up = network_.clear_up().value_or(false);
  if (!healing_.empty() && now >= retry_at_) (void)settle();  // see apply_state()
  if (must_pick_up() && now >= next_pick_up_) pick_up(now);
  std::optional<BootTime> wake = leases_.tick(now).wake_until;
  if (must_pick_up() && (!wake || next_pick_up_ < *wake)) wake = next_pick_up_;
  if (delays_anything() || !has_cleared_up)
    wake = std::min(wake.value_or(now + kPickUpPeriod), now + kPickUpPeriod);
  return wake;
}

bool AgentCore::delays_anything() const {
  return std::any_of(active_.begin(), active_.end(),
                     [](const auto& row) { return has_effect<DelayTo>(row.second); });
}

void AgentCore::look_at_delay_line() {
  const std::optional<std::string> trouble = network_.delay_trouble();
  if (!trouble) return;
  for (const LeasedFault& fault : active()) {
    if (has_effect<DelayTo>(fault)) lose(fault.fault.id, *trouble);
  }
}

void AgentCore::pick_up(BootTime now) {
  next_pick_up_ = now + kPickUpPeriod;
  const Result<> picked_up = processes_.reconcile(desired_processes());
  if (!picked_up.ok()) say("process plane: " + picked_up.error().what);
  count_paused();
  renew_clocks();
}

void AgentCore::count_paused() {
  for (const auto& [id, fault] : active_) {
    std::uint64_t count = 0;
    for (const Effect& effect : fault.effects) {
      if (const auto* pause = std::get_if<Pause>(&effect)) {
        count += processes_.count(pause->process);
      }
    }
    if (count > 0) paused_counts_[id] = std::max(paused_counts_[id], count);
  }
}

// The counters go with their fault, so they are read just before.
void AgentCore::keep_counters() {
  const Result<NetworkReadback> readback = network_.observe();
  if (!readback.ok()) return;  // evidence is lost then, but never a heal
  for (const auto& [fault, counts] : readback->counters) {
    if (healing_.contains(fault)) final_counters_[fault] = counters_of(fault, counts);
  }
}

// What is lost while it waits is that of all delays together.
std::vector<CounterView> AgentCore::counters_of(const FaultId& fault,
                                                const PacketCounters& counts) {
  switch (counts.fate) {
    case PacketFate::kDropped:
      break;
    case PacketFate::kLost:
      return {{fault, "lost packets", counts.lost_packets},
              {fault, "lost probes", counts.lost_probes},
              {fault, "packets that met the dice", counts.packets},
              {fault, "probes that met the dice", counts.probes}};
    case PacketFate::kDelayed:
      return {{fault, "delayed packets", counts.packets},
              {fault, "delayed probes", counts.probes},
              {fault, "packets lost while they waited", network_.delay_counters().dropped}};
  }
  return {{fault, "dropped packets", counts.packets}, {fault, "dropped probes", counts.probes}};
}

Result<NodeView> AgentCore::observe() {
  const std::lock_guard lock(mutex_);
  lose_revoked();
  count_paused();
  count_skewed();
  const NetworkState network = TRY(compile_network(active(), parts_.config.nodes));
  const NetworkReadback readback = TRY(network_.observe());
  const ProcessState processes = desired_processes();
  NodeView view;
  view.planes.push_back({"network", to_text(network), to_text(readback.state)});
  view.planes.push_back({"process", to_text(processes), TRY(processes_.observe(processes))});
  const ClockState clocks = desired_clocks();
  view.planes.push_back({"clock", to_text(clocks), clocks_.observe(clocks, parts_.clock.boot())});
  std::map<FaultId, std::vector<CounterView>> counters = final_counters_;
  for (const auto& [fault, counts] : readback.counters) {
    counters[fault] = counters_of(fault, counts);
  }
  for (const auto& [fault, views] : counters) {
    view.counters.insert(view.counters.end(), views.begin(), views.end());
  }
  for (const auto& [fault, count] : paused_counts_) {
    view.counters.push_back({fault, "paused processes", count});
  }
  for (const auto& [fault, count] : skewed_counts_) {
    view.counters.push_back({fault, "changed clock readings", count});
  }
  view.at = parts_.clock.mono();
  return view;
}

FaultsStatus AgentCore::status() {
  const std::lock_guard lock(mutex_);
  FaultsStatus status;
  for (const auto& [id, fault] : active_) status.active.push_back(id);
  if (const std::optional<BootTime> expiry = leases_.first_expiry()) {
    status.lease_left = std::max(*expiry - parts_.clock.boot(), Duration{0});
  }
  status.is_dirty = !dirty_reason_.empty();
  status.dirty_reason = dirty_reason_;
  return status;
}

bool AgentCore::is_paused(const ProcessName& process) {
  const std::lock_guard lock(mutex_);
  const std::optional<ProcessId> main = parts_.processes.find(process);
  if (!main) return false;
  return processes_.is_frozen(process) || parts_.kernel.is_stopped(*main).value_or(false);
}

}  // namespace squall
