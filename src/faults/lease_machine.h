// The leases of one node's active faults: who holds one until when, who lost it, and how often
// healing a lost one was tried.  Pure: events in, decisions out; the agent acts and reports back.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

namespace squall {

inline constexpr Duration kLeaseDefault = std::chrono::seconds(5);
inline constexpr Duration kLeaseMin = std::chrono::seconds(1);
inline constexpr Duration kLeaseMax = std::chrono::seconds(60);
// An undo that failed is tried again this much later, …
inline constexpr Duration kHealRetry = std::chrono::milliseconds(200);
// … and after so many failures the node is dirty.  Trying goes on.
inline constexpr int kMaxUndoAttempts = 5;

// 0 is the default.  Outside the limits is kInvalid.
[[nodiscard]] Result<Duration> check_lease(Duration asked);

enum class LeaseState {
  kHeld,     // renew in time, or lose it
  kHealing,  // over (lost or given back); its undo is not confirmed yet
};

// What the owner has to do next.
struct LeaseNext {
  std::vector<FaultId> lost;           // ended by this event: reconcile without them, now
  std::vector<FaultId> retry;          // their undo failed before: reconcile again
  std::optional<BootTime> wake_until;  // the next tick is due then; none: no lease at all
  bool is_dirty = false;               // some undo has failed kMaxUndoAttempts times
};

class LeaseMachine {
 public:
  // A new fault holds a lease; a held one is renewed.  kInvalid when it has just been lost: it must
  // be applied under a new id, since its interval has ended.
  [[nodiscard]] Result<> grant(const FaultId& id, BootTime now, Duration lease);
  // Renews everything that still holds; what has expired by `now` is lost, never re-armed.
  [[nodiscard]] LeaseNext renew(BootTime now, Duration lease);
  // The kernel or the watchdog had already ended it.
  void lose(const FaultId& id);
  // Asked to end: no renewal from here on.
  void give_back(const FaultId& id);
  [[nodiscard]] LeaseNext tick(BootTime now);
  // The owner's report on what kHealing asked for.
  void healed(const FaultId& id);
  void heal_failed(const FaultId& id, BootTime now);

  [[nodiscard]] bool holds(const FaultId& id) const;
  [[nodiscard]] std::optional<LeaseState> state(const FaultId& id) const;
  // When the first of the held ones ends.
  [[nodiscard]] std::optional<BootTime> first_expiry() const;
  [[nodiscard]] std::optional<BootTime> expiry(const FaultId& id) const;

 private:
  struct Lease {
    LeaseState state = LeaseState::kHeld;
    BootTime expiry;  // kHealing: when to try again
    int attempts = 0;
  };
  [[nodiscard]] LeaseNext expire(BootTime now);

  std::map<FaultId, Lease> leases_;
};

}  // namespace squall
