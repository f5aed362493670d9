// The fault side of an agent: the active faults, their leases, and the planes that follow them.
// Everything that changes is journalled, leased and reconciled here; no I/O but through NodeKernel.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/agent_config.h"
#include "agent/event_bus.h"
#include "agent/journal.h"
#include "agent/lease_board.h"
#include "agent/node_kernel.h"
#include "agent/planes/clock_applier.h"
#include "agent/planes/network_applier.h"
#include "agent/planes/process_applier.h"
#include "agent/stack_processes.h"
#include "faults/lease_machine.h"

namespace squall {

// How often processes that were forked or restarted since are looked for while any is paused.
inline constexpr Duration kPickUpPeriod = std::chrono::milliseconds(100);
// Of so many faults that are over the agent remembers the evidence, and that their ids are spent;
// the oldest are forgotten first.
inline constexpr std::size_t kMaxRememberedFaults = 1024;

struct AgentParts {
  const AgentConfig& config;
  NodeKernel& kernel;
  const Clock& clock;
  LeaseBoard& board;
  StackProcesses& processes;
  EventBus& events;
  std::string boot;                     // this boot's id
  std::function<void()> wake_watchdog;  // after a lease was taken
  std::function<bool()> is_watchdog_alive;
  std::function<void()> wake_loop;  // next_wake() has become earlier
  LaunchSkews* launches = nullptr;  // where those who start programs look; none: nobody does
};

struct AppliedFault {
  std::vector<std::string> effects;
  MonoTime at;
};
struct HealedFaults {
  MonoTime at;
  std::vector<FaultId> lost;  // asked to heal, but their lease had lapsed before
};
struct RenewedLeases {
  std::vector<FaultId> active;
  std::vector<LapsedLease> lost;  // since the last call
};
struct PlaneView {
  std::string plane;
  std::string desired;
  std::string observed;
};
struct CounterView {
  FaultId fault;
  std::string what;
  std::uint64_t count = 0;
};
struct NodeView {
  std::vector<PlaneView> planes;
  std::vector<CounterView> counters;
  MonoTime at;
};
struct FaultsStatus {
  std::vector<FaultId> active;
  std::optional<Duration> lease_left;
  bool is_dirty = false;
  std::string dirty_reason;
};

// Thread-safe: one mutex around everything.
class AgentCore {
 public:
  // Call begin() once before anything else.
  explicit AgentCore(AgentParts parts);

  // Starts a journal that remembers which events have happened.
  [[nodiscard]] Result<> begin(std::set<FaultId> events);

  // Idempotent by fault id: an active fault is renewed, an event that has happened is not repeated.
  // After an error the node is as before, or dirty and being healed.
  [[nodiscard]] Result<AppliedFault> apply(const Fault& fault, Duration lease);
  // A fault that is not active is healed already.  kDirty: the undo failed; tick() tries again.
  [[nodiscard]] Result<HealedFaults> heal(const FaultId& fault);
  [[nodiscard]] Result<HealedFaults> heal_all();
  [[nodiscard]] Result<RenewedLeases> renew(Duration lease);
  [[nodiscard]] Result<NodeView> observe();
  [[nodiscard]] FaultsStatus status();
  // Whether this process stands still now, for whatever reason.
  [[nodiscard]] bool is_paused(const ProcessName& process);

  // Expires leases, retries undos, picks up new processes.  Returns when to call it again; nothing:
  // not before somebody calls something else.
  std::optional<BootTime> tick();

 private:
  [[nodiscard]] Result<std::vector<Effect>> effects_here(const Fault& fault) const;
  [[nodiscard]] Result<AppliedFault> apply_event(const Fault& fault,
                                                 const std::vector<Effect>& effects);
  [[nodiscard]] Result<> kill(const Kill& kill);
  [[nodiscard]] Result<> check_known(const ProcessName& process) const;
  [[nodiscard]] Result<> check_pauses(const LeasedFault& fault) const;
  [[nodiscard]] Result<> check_skews(const LeasedFault& fault) const;
  [[nodiscard]] Result<AppliedFault> apply_state(LeasedFault fault, Duration lease);
  [[nodiscard]] Result<> renew_one(const FaultId& fault, Duration lease);
  [[nodiscard]] Result<HealedFaults> heal_these(const std::vector<FaultId>& faults);

  // Takes all planes to what `active_` asks for; new faults are armed for `lease`.
  [[nodiscard]] Result<> reconcile(Duration lease);
  [[nodiscard]] Result<> give_up_network();
  // Reconciles without the faults that are healing, and reports to the lease machine.
  [[nodiscard]] Result<> settle();
  void end(const FaultId& fault);
  void lose(const FaultId& fault, const std::string& why);
  void lose_revoked();
  void pick_up(BootTime now);
  void remember(const FaultId& fault);
  void forget_the_oldest();
  void keep_counters();
  [[nodiscard]] std::vector<CounterView> counters_of(const FaultId& fault,
                                                     const PacketCounters& counts);
  void count_paused();
  void count_skewed();
  // What an agent that died here may have left: clocks that its journal does not name.
  void restore_left_clocks();
  void begin_counting_skewed(const LeasedFault& fault);
  void renew_clocks();
  [[nodiscard]] ClockState desired_clocks() const;
  [[nodiscard]] bool skews_anything() const;
  [[nodiscard]] bool must_pick_up() const { return pauses_anything() || skews_anything(); }
  void say(const std::string& note);
  void release_slot(const FaultId& fault);
  [[nodiscard]] std::vector<LeasedFault> active() const;
  [[nodiscard]] ProcessState desired_processes() const;
  [[nodiscard]] bool pauses_anything() const { return !slots_.empty(); }
  [[nodiscard]] bool delays_anything() const;
  // Ends the delays if their line is dead or hangs.
  void look_at_delay_line();

  AgentParts parts_;
  std::mutex mutex_;
  Journal journal_;
  LeaseMachine leases_;
  NetworkApplier network_;
  ProcessApplier processes_;
  ClockApplier clocks_;
  std::map<FaultId, LeasedFault> active_;
  std::set<FaultId> healing_;
  std::map<FaultId, std::size_t> slots_;     // of faults that pause
  std::map<FaultId, AppliedFault> applied_;  // also events
  std::vector<LapsedLease> lapsed_;          // not reported by renew() yet
  std::set<FaultId> ever_lapsed_;
  std::map<FaultId, std::vector<CounterView>> final_counters_;
  std::map<FaultId, std::uint64_t> paused_counts_;
  std::map<FaultId, std::uint64_t> skewed_before_;  // readings when it began
  std::map<FaultId, std::uint64_t> skewed_counts_;
  std::deque<FaultId> over_;  // oldest first, each once
  int undo_failures_ = 0;     // in a row
  std::string dirty_reason_;
  std::string last_note_;
  BootTime retry_at_;
  BootTime next_pick_up_;
};

}  // namespace squall
