// Applies and heals faults through the agents, renews their leases, and posts what happened.  Every
// application and every heal has a thread of its own, so that the loop never waits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "arena/arena.h"
#include "orchestrator/fault_evidence.h"
#include "orchestrator/run_events.h"
#include "scenarios/scenario.h"

namespace squall {

inline constexpr Duration kLease = std::chrono::seconds(5);
inline constexpr Duration kRenewEvery = std::chrono::seconds(1);
// leader(…) may have no answer in the middle of an election: asked again until then.
inline constexpr Duration kSelectorPatience = std::chrono::seconds(5);

struct FaultDriverSetup {
  Arena& arena;
  const Scenario& scenario;
  const SelectorWorld& world;
  RunEventQueue& events;
  const Clock& clock;
  MonoTime run_start;
};

// Thread rule: apply() and heal() are called by the loop; join() ends with all threads done.
class FaultDriver {
 public:
  explicit FaultDriver(const FaultDriverSetup& setup);
  FaultDriver(const FaultDriver&) = delete;
  FaultDriver& operator=(const FaultDriver&) = delete;
  ~FaultDriver();

  // Posts FaultApplied or FaultFailed, and EvidenceFound.
  void apply(std::size_t entry, MonoTime requested);
  // Posts FaultHealed, whose ending is "healed", "lease lost" or what went wrong, after UndoFailed
  // where that was the undo; and EvidenceFound.
  void heal(std::size_t entry);
  // The fault is applied there, and not healed yet.
  [[nodiscard]] bool is_on_node(const std::string& fault, const NodeName& node);
  // The loop lives.  Without it for as long as a lease, nothing is renewed any more.
  void beat() { last_beat_ = setup_.clock.mono().ns(); }
  // Waits for what was asked for; leases are renewed until then.
  void join();

 private:
  struct HealedOnNodes {
    MonoTime at;           // on the last of them
    bool is_lost = false;  // on one of them it was over before, because its lease had lapsed
  };
  struct Resolved {
    ActiveFault active;
    FaultInterval interval;
  };

  void apply_now(std::size_t entry, MonoTime requested);
  void heal_now(std::size_t entry);
  // An agent that died took its faults with it, one that hangs has let its lease lapse: it is
  // started again, and told of.  A hanging one only if it has not answered for a whole lease.
  void revive(const NodeName& node, bool has_hung);
  [[nodiscard]] bool is_silent(const NodeName& node);
  void keep_renewing(const std::stop_token& stop);
  void renew_now();
  [[nodiscard]] Result<> resolve_now(const TimelineEntry& entry, Resolved& resolved);
  [[nodiscard]] Result<MonoTime> apply_on_nodes(const ActiveFault& active);
  [[nodiscard]] Result<HealedOnNodes> heal_on_nodes(const ActiveFault& active);
  void prove_installed(const Resolved& resolved, const ProcessSnapshot& before);
  void run_thread(std::jthread thread);

  FaultDriverSetup setup_;
  FaultEvidence evidence_;
  std::mutex mutex_;
  std::map<std::size_t, ActiveFault> active_;      // guarded by mutex_; by timeline entry
  std::map<std::size_t, ProcessSnapshot> before_;  // guarded by mutex_
  std::map<NodeName, MonoTime> answered_;          // guarded by mutex_; its last renewal
  std::mutex threads_mutex_;
  std::vector<std::jthread> threads_;    // guarded by threads_mutex_
  std::mutex revival_mutex_;             // one revival at a time
  std::atomic<std::int64_t> last_beat_;  // CLOCK_MONOTONIC ns
  std::jthread renewer_;                 // last: it uses all of the above
};

}  // namespace squall
