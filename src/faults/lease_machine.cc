// The lease machine's transitions.
#include "faults/lease_machine.h"

#include <algorithm>

namespace squall {

Result<Duration> check_lease(Duration asked) {
  if (asked == Duration{0}) return kLeaseDefault;
  if (asked < kLeaseMin || asked > kLeaseMax) {
    return Error{Errc::kInvalid, "a lease of " + to_text(asked) + " is outside " +
                                     to_text(kLeaseMin) + " to " + to_text(kLeaseMax)};
  }
  return asked;
}

Result<> LeaseMachine::grant(const FaultId& id, BootTime now, Duration lease) {
  const auto found = leases_.find(id);
  if (found == leases_.end()) {
    leases_[id] = Lease{.state = LeaseState::kHeld, .expiry = now + lease};
    return {};
  }
  if (found->second.state == LeaseState::kHealing || found->second.expiry <= now) {
    return Error{Errc::kInvalid,
                 "the lease of '" + id.get() + "' is lost; apply it again under another id"};
  }
  found->second.expiry = now + lease;
  return {};
}

LeaseNext LeaseMachine::expire(BootTime now) {
  LeaseNext next;
  for (auto& [id, lease] : leases_) {
    if (lease.expiry <= now) {
      (lease.state == LeaseState::kHeld ? next.lost : next.retry).push_back(id);
      lease.state = LeaseState::kHealing;
      // The owner reports back before then; if it does not, we ask again.
      lease.expiry = now + kHealRetry;
    }
    next.is_dirty = next.is_dirty || lease.attempts >= kMaxUndoAttempts;
    if (!next.wake_until || lease.expiry < *next.wake_until) next.wake_until = lease.expiry;
  }
  return next;
}

LeaseNext LeaseMachine::renew(BootTime now, Duration lease) {
  LeaseNext next = expire(now);
  for (auto& [id, held] : leases_) {
    if (held.state == LeaseState::kHeld) held.expiry = now + lease;
  }
  return next;
}

LeaseNext LeaseMachine::tick(BootTime now) {
  return expire(now);
}

void LeaseMachine::lose(const FaultId& id) {
  give_back(id);
}

void LeaseMachine::give_back(const FaultId& id) {
  const auto found = leases_.find(id);
  if (found == leases_.end() || found->second.state == LeaseState::kHealing) return;
  found->second.state = LeaseState::kHealing;
  found->second.expiry = {};  // at once, should nobody report back
}

void LeaseMachine::healed(const FaultId& id) {
  leases_.erase(id);
}

void LeaseMachine::heal_failed(const FaultId& id, BootTime now) {
  const auto found = leases_.find(id);
  if (found == leases_.end()) return;
  found->second.state = LeaseState::kHealing;
  found->second.expiry = now + kHealRetry;
  ++found->second.attempts;
}

bool LeaseMachine::holds(const FaultId& id) const {
  const auto found = leases_.find(id);
  return found != leases_.end() && found->second.state == LeaseState::kHeld;
}

std::optional<LeaseState> LeaseMachine::state(const FaultId& id) const {
  const auto found = leases_.find(id);
  if (found == leases_.end()) return std::nullopt;
  return found->second.state;
}

std::optional<BootTime> LeaseMachine::first_expiry() const {
  std::optional<BootTime> first;
  for (const auto& [id, lease] : leases_) {
    if (lease.state == LeaseState::kHeld && (!first || lease.expiry < *first)) {
      first = lease.expiry;
    }
  }
  return first;
}

std::optional<BootTime> LeaseMachine::expiry(const FaultId& id) const {
  const auto found = leases_.find(id);
  if (found == leases_.end() || found->second.state != LeaseState::kHeld) return std::nullopt;
  return found->second.expiry;
}

}  // namespace squall
