// The page that an agent shares with its watchdog: which faults hold a lease, and which processes
// and cgroups they hold still.  The watchdog continues whatever no live lease holds, so that an
// agent that is killed, or hung, leaves nothing paused.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "kernel/process.h"

namespace squall {

inline constexpr std::size_t kMaxLeaseSlots = 64;
inline constexpr std::size_t kMaxHeldThings = 4096;
inline constexpr std::size_t kMaxHeldPath = 232;

// One writer (the agent) and one reader that may revoke (the watchdog).  Plain memory, so that it
// works in a MAP_SHARED mapping.
class LeaseBoard {
 public:
  // Shared with children forked later.  Owned by the mapping: never unmapped.
  static Result<LeaseBoard*> map();

  // The agent.  A slot per fault; kInvalid when all are taken.
  [[nodiscard]] Result<std::size_t> take_slot(BootTime expiry);
  // False: the lease has been revoked, or `now` is past it.  It is never extended then.
  [[nodiscard]] bool extend(std::size_t slot, BootTime now, BootTime expiry);
  [[nodiscard]] bool is_revoked(std::size_t slot) const;
  void release_slot(std::size_t slot);
  // Call before the thing is stopped; let go after it was continued.  kInvalid: too many things.
  [[nodiscard]] Result<std::size_t> hold(const ProcessId& process, std::uint64_t slots);
  [[nodiscard]] Result<std::size_t> hold(const std::string& cgroup, std::uint64_t slots);
  void set_holders(std::size_t thing, std::uint64_t slots);
  void let_go(std::size_t thing);

  // The watchdog.  Revokes what has expired by `now`.
  void revoke_expired(BootTime now);
  void revoke_all();
  // When the first live lease ends; kNever without one.
  [[nodiscard]] BootTime first_expiry() const;
  static constexpr BootTime kNever{Duration::max()};
  struct Held {
    ProcessId process;  // pid 0: a cgroup
    std::string cgroup;
  };
  // Things that no live lease holds.
  [[nodiscard]] std::vector<Held> orphans() const;

 private:
  static constexpr std::int64_t kFree = 0;
  static constexpr std::int64_t kRevoked = -1;
  struct Thing {
    std::atomic<std::uint32_t> is_used{0};
    std::atomic<std::uint64_t> holders{0};
    ProcessId process;
    std::array<char, kMaxHeldPath> cgroup{};
  };
  [[nodiscard]] Result<std::size_t> free_thing() const;
  void publish(std::size_t thing, std::uint64_t slots);

  std::array<std::atomic<std::int64_t>, kMaxLeaseSlots> slots_{};
  std::array<Thing, kMaxHeldThings> things_{};
  std::atomic<std::size_t> things_end_{0};  // none beyond this one was ever used
};

[[nodiscard]] constexpr std::uint64_t slot_bit(std::size_t slot) {
  return std::uint64_t{1} << slot;
}

}  // namespace squall
