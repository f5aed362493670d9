// Applying and renewing faults.  Their end is in agent_core_end.cc.
#include "agent/agent_core.h"

#include <algorithm>
#include <csignal>

#include "base/nearest.h"
#include "injectors/injector.h"

namespace squall {
namespace {

bool does_pause(const LeasedFault& fault) {
  return std::any_of(fault.effects.begin(), fault.effects.end(),
                     [](const Effect& effect) { return std::holds_alternative<Pause>(effect); });
}

std::vector<std::string> texts_of(const std::vector<Effect>& effects) {
  std::vector<std::string> texts;
  for (const Effect& effect : effects) texts.push_back(to_text(effect));
  return texts;
}

// Its interval has ended, and must not go on in silence.
Error lapsed_error(const FaultId& fault) {
  return {Errc::kInvalid,
          "the lease of '" + fault.get() + "' is lost; apply it again under another id"};
}

}  // namespace

AgentCore::AgentCore(AgentParts parts)
    : parts_(std::move(parts)),
      journal_(parts_.kernel, parts_.boot),
      network_(parts_.kernel, journal_, parts_.clock, network_table(parts_.config)),
      processes_(
          parts_.config.node.get(), parts_.kernel, journal_, parts_.board,
          [this](const ProcessName& name) { return parts_.processes.find(name); },
          [this](const FaultId& fault) -> std::optional<std::size_t> {
            const auto found = slots_.find(fault);
            if (found == slots_.end()) return std::nullopt;
            return found->second;
          }),
      clocks_(
          parts_.kernel, journal_,
          [this](const ProcessName& name) { return parts_.processes.find(name); },
          [this](const FaultId& fault) { return leases_.expiry(fault); }, parts_.launches) {}

Result<> AgentCore::begin(std::set<FaultId> events) {
  const std::lock_guard lock(mutex_);
  over_.assign(events.begin(), events.end());  // the journal does not keep their order
  for (; over_.size() > kMaxRememberedFaults; over_.pop_front()) events.erase(over_.front());
  TRY(journal_.begin(std::move(events)));
  restore_left_clocks();
  return {};
}

Result<std::vector<Effect>> AgentCore::effects_here(const Fault& fault) const {
  HostFacts host;
  for (const auto& [name, addresses] : parts_.config.nodes) host.nodes.emplace_back(name);
  std::vector<Effect> effects;
  for (TargetedEffect& effect : TRY(effects_of(fault, host))) {
    if (effect.node == parts_.config.node) effects.push_back(std::move(effect.effect));
  }
  if (!effects.empty()) return effects;
  return Error{Errc::kInvalid, fault.kind + " " + fault.id.get() + " does nothing on node '" +
                                   parts_.config.node.get() + "'"};
}

Result<AppliedFault> AgentCore::apply(const Fault& fault, Duration lease) {
  const Duration checked = TRY(check_lease(lease));
  const std::lock_guard lock(mutex_);
  std::vector<Effect> effects = TRY(effects_here(fault));
  if (is_event(effects.front())) return apply_event(fault, effects);
  if (active_.contains(fault.id)) {
    TRY(renew_one(fault.id, checked));
    return applied_.at(fault.id);
  }
  return apply_state({fault, parts_.clock.boot(), std::move(effects)}, checked);
}

Result<AppliedFault> AgentCore::apply_event(const Fault& fault,
                                            const std::vector<Effect>& effects) {
  if (const auto before = applied_.find(fault.id); before != applied_.end()) return before->second;
  AppliedFault applied{.effects = texts_of(effects), .at = parts_.clock.mono()};
  if (journal_.has_happened(fault.id)) return applied;  // before we were started
  for (const Effect& effect : effects) {
    const ProcessName& name = std::get<Kill>(effect).process;
    if (!parts_.processes.find(name)) {
      return Error{Errc::kNotFound, "process '" + name.get() + "' is not running here"};
    }
  }
  // Durable before the signals that follow: should we die now, it may be lost but never repeated.
  TRY(journal_.happened(fault.id));
  remember(fault.id);
  for (const Effect& effect : effects) {
    TRY(kill(std::get<Kill>(effect)).in("kill " + std::get<Kill>(effect).process.get()));
  }
  applied.at = parts_.clock.mono();
  applied_[fault.id] = applied;
  return applied;
}

Result<> AgentCore::kill(const Kill& kill) {
  const std::optional<ProcessId> main = parts_.processes.find(kill.process);
  if (!main) return Error{Errc::kNotFound, "it has just ended by itself"};
  if (kill.is_restarted) parts_.processes.plan_restart(kill.process, kill.restart_after);
  // A worker that outlived its parent would keep the ports; other signals are the parent's to
  // hand on.
  std::vector<ProcessId> victims = {*main};
  if (kill.signal == SIGKILL) victims = TRY(parts_.kernel.tree(*main));
  for (const ProcessId& victim : victims) {
    const Result<> sent = parts_.kernel.signal(victim, kill.signal);
    if (!sent.ok() && (sent.error().code != Errc::kNotFound || victim == *main)) {
      return sent.error();
    }
  }
  return {};
}

Result<> AgentCore::check_known(const ProcessName& process) const {
  std::vector<std::string> known = parts_.processes.names();
  if (std::find(known.begin(), known.end(), process.get()) != known.end()) return {};
  return Error{Errc::kNotFound, "there is no process '" + process.get() + "' here" +
                                    suggestion(process.get(), known)};
}

Result<> AgentCore::check_pauses(const LeasedFault& fault) const {
  if (!parts_.is_watchdog_alive()) {
    return Error{Errc::kUnsupported,
                 "the watchdog has died, so that nobody would continue the "
                 "process if this agent died too; restart the agent"};
  }
  for (const Effect& effect : fault.effects) {
    const auto* pause = std::get_if<Pause>(&effect);
    if (pause == nullptr) continue;
    TRY(check_known(pause->process));
    if (pause->mechanism == PauseMechanism::kFreezer) {
      TRY(parts_.kernel.freezer_path(pause->process.get()));
    }
  }
  return {};
}

Result<AppliedFault> AgentCore::apply_state(LeasedFault fault, Duration lease) {
  const FaultId id = fault.fault.id;
  const BootTime now = fault.start;
  if (ever_lapsed_.contains(id)) return lapsed_error(id);
  if (does_pause(fault)) TRY(check_pauses(fault));
  TRY(check_skews(fault));
  TRY(leases_.grant(id, now, lease));
  if (does_pause(fault)) {
    Result<std::size_t> slot = parts_.board.take_slot(now + lease);
    if (!slot.ok()) leases_.healed(id);
    slots_[id] = TRY(std::move(slot));
    parts_.wake_watchdog();
  }
  const std::vector<std::string> texts = texts_of(fault.effects);
  begin_counting_skewed(fault);
  active_[id] = std::move(fault);
  // An id that is used again begins without evidence.
  std::erase(over_, id);
  final_counters_.erase(id);
  paused_counts_.erase(id);
  const Result<> reconciled = reconcile(lease);
  if (!reconciled.ok()) {
    end(id);
    (void)settle();  // its failure shows in status(), and tick() tries again
    return reconciled.error();
  }
  applied_[id] = {.effects = texts, .at = parts_.clock.mono()};
  parts_.wake_loop();
  return applied_.at(id);
}

Result<> AgentCore::renew_one(const FaultId& fault, Duration lease) {
  const BootTime now = parts_.clock.boot();
  const Result<> granted = leases_.grant(fault, now, lease);
  bool is_lost = !granted.ok();
  const auto slot = slots_.find(fault);
  if (!is_lost && slot != slots_.end())
    is_lost = !parts_.board.extend(slot->second, now, now + lease);
  if (!is_lost) is_lost = !TRY(network_.renew(fault, lease)).empty();
  if (!is_lost) {
    renew_clocks();
    return {};
  }
  lose(fault, "its lease had lapsed when it was applied again");
  (void)settle();  // see apply_state()
  return lapsed_error(fault);
}

Result<RenewedLeases> AgentCore::renew(Duration lease) {
  const Duration checked = TRY(check_lease(lease));
  const std::lock_guard lock(mutex_);
  // Read before the kernel is asked: should we be stopped in between, our own expiry comes early,
  // never late.
  const BootTime now = parts_.clock.boot();
  for (const auto& [fault, slot] : std::map<FaultId, std::size_t>(slots_)) {
    if (active_.contains(fault) && !parts_.board.extend(slot, now, now + checked)) {
      lose(fault, "its lease had lapsed");
    }
  }
  for (const FaultId& fault : leases_.renew(now, checked).lost) lose(fault, "its lease had lapsed");
  const Result<std::vector<FaultId>> lapsed = network_.renew(checked);
  if (lapsed.ok()) {
    for (const FaultId& fault : *lapsed) lose(fault, "the kernel had ended it");
  }
  if (!healing_.empty()) (void)settle();  // see apply_state()
  renew_clocks();
  parts_.wake_watchdog();
  parts_.wake_loop();
  if (!lapsed.ok()) return lapsed.error().in("renew");
  RenewedLeases renewed;
  for (const auto& [id, fault] : active_) renewed.active.push_back(id);
  renewed.lost = std::exchange(lapsed_, {});
  return renewed;
}

}  // namespace squall
