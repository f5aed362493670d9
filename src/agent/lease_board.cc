// The shared page's operations; every one is lock-free.
#include "agent/lease_board.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace squall {

Result<LeaseBoard*> LeaseBoard::map() {
  static_assert(std::atomic<std::int64_t>::is_always_lock_free);
  void* memory = ::mmap(nullptr, sizeof(LeaseBoard), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return errno_error("map the lease board");
  return new (memory) LeaseBoard();
}

Result<std::size_t> LeaseBoard::take_slot(BootTime expiry) {
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    std::int64_t expected = kFree;
    if (slots_.at(slot).compare_exchange_strong(expected, expiry.ns())) return slot;
  }
  return Error{Errc::kInvalid, "more than " + std::to_string(kMaxLeaseSlots) +
                                   " faults at once pause processes of this node"};
}

bool LeaseBoard::extend(std::size_t slot, BootTime now, BootTime expiry) {
  std::int64_t before = slots_.at(slot).load();
  // The watchdog may revoke it between the two lines; then the exchange fails.
  if (before <= now.ns()) return false;
  return slots_.at(slot).compare_exchange_strong(before, expiry.ns());
}

bool LeaseBoard::is_revoked(std::size_t slot) const {
  return slots_.at(slot).load() == kRevoked;
}

void LeaseBoard::release_slot(std::size_t slot) {
  slots_.at(slot).store(kFree);
}

Result<std::size_t> LeaseBoard::free_thing() const {
  for (std::size_t thing = 0; thing < things_.size(); ++thing) {
    if (things_.at(thing).is_used.load() == 0) return thing;
  }
  return Error{Errc::kInvalid,
               "more than " + std::to_string(kMaxHeldThings) + " processes to pause at once"};
}

void LeaseBoard::publish(std::size_t thing, std::uint64_t slots) {
  things_.at(thing).holders.store(slots);
  things_.at(thing).is_used.store(1);
  if (thing >= things_end_.load()) things_end_.store(thing + 1);
}

Result<std::size_t> LeaseBoard::hold(const ProcessId& process, std::uint64_t slots) {
  const std::size_t thing = TRY(free_thing());
  things_.at(thing).process = process;
  publish(thing, slots);
  return thing;
}

Result<std::size_t> LeaseBoard::hold(const std::string& cgroup, std::uint64_t slots) {
  if (cgroup.size() >= kMaxHeldPath) {
    return Error{Errc::kInvalid, "'" + cgroup + "' is longer than the limit of " +
                                     std::to_string(kMaxHeldPath) + " bytes"};
  }
  const std::size_t thing = TRY(free_thing());
  things_.at(thing).process = {};
  things_.at(thing).cgroup.fill('\0');
  std::memcpy(things_.at(thing).cgroup.data(), cgroup.data(), cgroup.size());
  publish(thing, slots);
  return thing;
}

void LeaseBoard::set_holders(std::size_t thing, std::uint64_t slots) {
  things_.at(thing).holders.store(slots);
}

void LeaseBoard::let_go(std::size_t thing) {
  things_.at(thing).is_used.store(0);
}

void LeaseBoard::revoke_expired(BootTime now) {
  for (std::atomic<std::int64_t>& slot : slots_) {
    std::int64_t expiry = slot.load();
    if (expiry <= 0 || expiry > now.ns()) continue;
    (void)slot.compare_exchange_strong(expiry, kRevoked);  // failed: it has just been renewed
  }
}

void LeaseBoard::revoke_all() {
  for (std::atomic<std::int64_t>& slot : slots_) {
    if (slot.load() > 0) slot.store(kRevoked);
  }
}

BootTime LeaseBoard::first_expiry() const {
  BootTime first = kNever;
  for (const std::atomic<std::int64_t>& slot : slots_) {
    const std::int64_t expiry = slot.load();
    if (expiry > 0 && expiry < first.ns()) first = {Duration(expiry)};
  }
  return first;
}

std::vector<LeaseBoard::Held> LeaseBoard::orphans() const {
  std::uint64_t live = 0;
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_.at(slot).load() > 0) live |= slot_bit(slot);
  }
  std::vector<Held> result;
  const std::size_t end = things_end_.load();
  for (std::size_t i = 0; i < end; ++i) {
    const Thing& thing = things_.at(i);
    if (thing.is_used.load() == 0 || (thing.holders.load() & live) != 0) continue;
    result.push_back({thing.process, thing.cgroup.data()});
  }
  return result;
}

}  // namespace squall
