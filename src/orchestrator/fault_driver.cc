// Applies and heals faults through the agents.
#include "orchestrator/fault_driver.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "injectors/injector.h"
#include "orchestrator/fault_targets.h"
#include "orchestrator/pause.h"

namespace squall {
namespace {

constexpr Duration kSelectorPause = std::chrono::milliseconds(50);
constexpr Duration kStatePatience = std::chrono::seconds(2);    // until a process shows a new state
constexpr Duration kRestartPatience = std::chrono::seconds(5);  // on top of restart-after
constexpr int kHealTries = 5;

std::vector<NodeName> node_names(const Topology& topology) {
  std::vector<NodeName> nodes;
  for (const NodeSpec& node : topology.nodes) nodes.push_back(node.name);
  return nodes;
}

Duration slowest_link(const Topology& topology) {
  Duration slowest{0};
  for (const auto& [pair, delay] : topology.delay) slowest = std::max(slowest, delay);
  return slowest;
}

std::vector<NodeName> nodes_of(const std::vector<TargetedEffect>& effects) {
  std::set<NodeName> nodes;
  for (const TargetedEffect& effect : effects) nodes.insert(effect.node);
  return {nodes.begin(), nodes.end()};
}

// The same call on every node at once; the last time, or the first error.
Result<MonoTime> on_all_nodes(const std::vector<NodeName>& nodes,
                              const std::function<Result<MonoTime>(const NodeName&)>& call) {
  std::vector<std::optional<Result<MonoTime>>> results(nodes.size());
  {
    std::vector<std::jthread> calls;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      calls.emplace_back([&, i] { results[i].emplace(call(nodes[i])); });
    }
  }
  MonoTime last;
  for (std::optional<Result<MonoTime>>& result : results) {
    if (!result->ok()) return std::move(*result).error();
    last = std::max(last, result->value());
  }
  return last;
}

Duration restart_delay(const std::vector<TargetedEffect>& effects) {
  Duration longest{0};
  for (const TargetedEffect& targeted : effects) {
    const auto* kill = std::get_if<Kill>(&targeted.effect);
    if (kill != nullptr && kill->is_restarted) longest = std::max(longest, kill->restart_after);
  }
  return longest;
}

}  // namespace

FaultDriver::FaultDriver(const FaultDriverSetup& setup)
    : setup_(setup),
      evidence_(setup.arena, setup.events, setup.clock, setup.run_start,
                slowest_link(setup.scenario.topology), node_names(setup.scenario.topology)),
      last_beat_(setup.clock.mono().ns()),
      renewer_([this](const std::stop_token& stop) { keep_renewing(stop); }) {
  const auto delays = [](const TimelineEntry& entry) { return entry.kind == "network.delay"; };
  const std::vector<TimelineEntry>& timeline = setup.scenario.timeline;
  if (!std::any_of(timeline.begin(), timeline.end(), delays)) return;
  run_thread(std::jthread([this] { evidence_.measure_links(); }));
}

FaultDriver::~FaultDriver() {
  join();
}

void FaultDriver::run_thread(std::jthread thread) {
  const std::lock_guard lock(threads_mutex_);
  threads_.push_back(std::move(thread));
}

void FaultDriver::join() {
  renewer_.request_stop();
  std::vector<std::jthread> threads;
  {
    const std::lock_guard lock(threads_mutex_);
    threads.swap(threads_);
  }
}

void FaultDriver::apply(std::size_t entry, MonoTime requested) {
  run_thread(std::jthread([this, entry, requested] { apply_now(entry, requested); }));
}

void FaultDriver::heal(std::size_t entry) {
  run_thread(std::jthread([this, entry] { heal_now(entry); }));
}

Result<> FaultDriver::resolve_now(const TimelineEntry& entry, Resolved& resolved) {
  const MonoTime asked = setup_.clock.mono();
  for (;;) {
    Result<ResolvedTargets> targets = resolve_targets(entry, setup_.world, setup_.scenario.seed);
    const Duration waited = setup_.clock.mono() - asked;
    if (!targets.ok()) {
      if (targets.error().code == Errc::kInvalid || waited > kSelectorPatience) {
        return std::move(targets).error();
      }
      pause_for(kSelectorPause);
      continue;
    }
    // The wait for the stack's answer is the stack's: the fault is late only beyond it.
    if (targets->is_live) resolved.interval.requested_start += waited.count();
    resolved.interval.requested_end = resolved.interval.requested_start + entry.length.count();
    resolved.interval.selected_by = targets->selected_by;
    resolved.interval.targets = sides_text(targets->sides);
    resolved.active.fault = {entry.id, entry.kind, std::move(targets->sides), entry.params};
    resolved.active.effects =
        TRY(find_injector(entry.kind)
                ->effects(resolved.active.fault, HostFacts{node_names(setup_.scenario.topology)}));
    resolved.active.nodes = nodes_of(resolved.active.effects);
    return {};
  }
}

Result<MonoTime> FaultDriver::apply_on_nodes(const ActiveFault& active) {
  return on_all_nodes(active.nodes, [&](const NodeName& node) -> Result<MonoTime> {
    return TRY(setup_.arena.agent(node).apply(active.fault, kLease)).at;
  });
}

Result<FaultDriver::HealedOnNodes> FaultDriver::heal_on_nodes(const ActiveFault& active) {
  std::atomic<bool> is_lost = false;
  const auto heal_there = [&](const NodeName& node) -> Result<MonoTime> {
    for (int tries = 1;; ++tries) {
      const Result<Healed> healed = setup_.arena.agent(node).heal(active.fault.id);
      if (healed) {
        if (!healed->lost.empty()) is_lost = true;
        return healed->at;
      }
      if (tries == kHealTries) return healed.error();
      revive(node, healed.error().code == Errc::kTimeout);
      pause_for(kSelectorPause);
    }
  };
  const MonoTime last = TRY(on_all_nodes(active.nodes, heal_there));
  return HealedOnNodes{last, is_lost};
}

void FaultDriver::apply_now(std::size_t entry_index, MonoTime requested) {
  const TimelineEntry& entry = setup_.scenario.timeline[entry_index];
  Resolved resolved;
  FaultInterval& interval = resolved.interval;
  interval.id = entry.id.get();
  interval.kind = entry.kind;
  interval.parameters = params_text(entry.params);
  interval.is_event = find_injector(entry.kind)->is_event;
  interval.requested_start = (requested - setup_.run_start).count();
  interval.requested_end = interval.requested_start;

  Result<> found = resolve_now(entry, resolved);
  ProcessSnapshot before;
  Result<MonoTime> applied = found ? Result<MonoTime>(MonoTime{}) : Result<MonoTime>(found.error());
  if (found) {
    before = evidence_.snapshot(resolved.active.nodes);
    evidence_.began(resolved.active);
    applied = apply_on_nodes(resolved.active);
  }
  if (!applied) {
    // What one node refused is taken back from the others.
    if (found) (void)heal_on_nodes(resolved.active);
    evidence_.ended(entry.id);
    interval.start = interval.end = (setup_.clock.mono() - setup_.run_start).count();
    interval.ending = "not applied: " + applied.error().what;
    setup_.events.post(FaultFailed{entry_index, interval, applied.error().what});
    return;
  }
  interval.start = (*applied - setup_.run_start).count();
  if (interval.is_event) {
    interval.end = interval.start;
    interval.ending = "happened";
  } else {
    const std::lock_guard lock(mutex_);
    active_[entry_index] = resolved.active;
    before_[entry_index] = before;
  }
  setup_.events.post(FaultApplied{entry_index, interval});
  prove_installed(resolved, before);
}

void FaultDriver::prove_installed(const Resolved& resolved, const ProcessSnapshot& before) {
  evidence_.probe(resolved.active, "during");
  evidence_.measure_delays(resolved.active, "during");
  evidence_.ask_clocks(resolved.active, "during", setup_.scenario.topology);
  evidence_.watch_processes(resolved.active, before, "during", kStatePatience);
  if (!resolved.interval.is_event) return evidence_.observe(resolved.active, false);
  evidence_.watch_processes(resolved.active, before, "after",
                            restart_delay(resolved.active.effects) + kRestartPatience);
  evidence_.ended(resolved.active.fault.id);
}

void FaultDriver::heal_now(std::size_t entry_index) {
  ActiveFault active;
  ProcessSnapshot before;
  {
    const std::lock_guard lock(mutex_);
    const auto found = active_.find(entry_index);
    if (found == active_.end()) return;
    active = found->second;
    before = before_[entry_index];
  }
  evidence_.observe(active, true);
  const Result<HealedOnNodes> healed = heal_on_nodes(active);
  evidence_.ended(active.fault.id);
  {
    const std::lock_guard lock(mutex_);
    active_.erase(entry_index);
    before_.erase(entry_index);
  }
  if (healed) {
    // The loop may not have heard of the lapse yet: nobody has renewed since, or the agent hung.
    setup_.events.post(
        FaultHealed{entry_index, healed->at, healed->is_lost ? "lease lost" : "healed"});
  } else {
    const std::string& why = healed.error().what;
    setup_.events.post(UndoFailed{"heal " + active.fault.id.get() + ": " + why});
    setup_.events.post(FaultHealed{entry_index, setup_.clock.mono(), why});
  }
  evidence_.probe(active, "after");
  evidence_.measure_delays(active, "after");
  evidence_.ask_clocks(active, "after", setup_.scenario.topology);
  evidence_.watch_processes(active, before, "after", kStatePatience);
}

bool FaultDriver::is_on_node(const std::string& fault, const NodeName& node) {
  const std::lock_guard lock(mutex_);
  return std::any_of(active_.begin(), active_.end(), [&](const auto& entry) {
    const ActiveFault& active = entry.second;
    return active.fault.id.get() == fault &&
           std::find(active.nodes.begin(), active.nodes.end(), node) != active.nodes.end();
  });
}

void FaultDriver::revive(const NodeName& node, bool has_hung) {
  const std::lock_guard lock(revival_mutex_);
  const bool is_alive = setup_.arena.agent_pid(node) != 0;
  if (is_alive && !has_hung) return;
  const Result<> revived = setup_.arena.restart_agent(node);
  setup_.events.post(
      AgentDied{node.get(), setup_.clock.mono(), revived ? "" : revived.error().what, is_alive});
}

bool FaultDriver::is_silent(const NodeName& node) {
  const std::lock_guard lock(mutex_);
  const MonoTime now = setup_.clock.mono();
  // What was never renewed counts from now.
  const MonoTime last = answered_.try_emplace(node, now).first->second;
  return now - last > kLease;
}

void FaultDriver::keep_renewing(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  while (!stop.stop_requested()) {
    if (setup_.clock.mono().ns() - last_beat_ < kLease.count()) renew_now();
    std::unique_lock lock(mutex);
    (void)never.wait_for(lock, stop, kRenewEvery, [] { return false; });
  }
}

void FaultDriver::renew_now() {
  std::set<NodeName> nodes;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [entry, active] : active_)
      nodes.insert(active.nodes.begin(), active.nodes.end());
  }
  (void)on_all_nodes({nodes.begin(), nodes.end()}, [&](const NodeName& node) -> Result<MonoTime> {
    const Result<Renewed> renewed = setup_.arena.agent(node).renew(kLease);
    if (!renewed) {
      // The lease ends by itself if this goes on; the agent will say so when it answers again.
      setup_.events.post(Noted{node.get(), "renew: " + renewed.error().what});
      revive(node, is_silent(node));
      return MonoTime{};
    }
    {
      const std::lock_guard lock(mutex_);
      answered_[node] = setup_.clock.mono();
    }
    for (const squall::LostLease& lost : renewed->lost) {
      setup_.events.post(LeaseLost{lost.fault, lost.at});
    }
    return MonoTime{};
  });
}

}  // namespace squall
