// Takes the clocks of the node's processes to a desired state, keeps their leases, and picks up
// processes that were forked, executed or restarted since.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/journal.h"
#include "agent/launch_skews.h"
#include "agent/node_kernel.h"
#include "agent/planes/clock_plane.h"
#include "agent/planes/process_applier.h"

namespace squall {

// Until when a fault holds its lease.
using FindExpiry = std::function<std::optional<BootTime>(const FaultId&)>;

// Not for two threads at once.
class ClockApplier {
 public:
  // `launches`: where those who start programs look; may be null.
  ClockApplier(NodeKernel& kernel, Journal& journal, FindProcess find_process,
               FindExpiry find_expiry, LaunchSkews* launches)
      : kernel_(kernel),
        journal_(journal),
        find_process_(std::move(find_process)),
        find_expiry_(std::move(find_expiry)),
        launches_(launches) {}

  // Idempotent; call it again to renew, and to pick up new processes.  Each process's code carries
  // the latest expiry of the faults behind its skew.  Right clocks come first.  An error leaves the
  // rest as far as it got: reconcile again, to the old state or to the new.  That a child of a
  // process cannot be reached is no error: observe() says it.
  [[nodiscard]] Result<> reconcile(const ClockState& desired);
  // What the processes' own memory says, as to_text(ClockState) would say it of `desired`.
  [[nodiscard]] std::string observe(const ClockState& desired, BootTime now);
  // Readings that were changed in this process of the stack since we began to count.
  [[nodiscard]] std::uint64_t readings(const ProcessName& process);
  // Makes the clocks of these processes right, whoever made them wrong.
  [[nodiscard]] Result<> restore_all(const ProcessId& main);

 private:
  struct Counted {
    std::map<std::uint64_t, std::uint64_t> pages;  // the last count of each
    std::uint64_t total = 0;
  };

  [[nodiscard]] Result<> skew(const SkewedProcess& process);
  [[nodiscard]] Result<> skew_one(const ProcessName& name, const ProcessId& member, Duration offset,
                                  BootTime until);
  [[nodiscard]] Result<> release(const ProcessName& name);
  [[nodiscard]] std::set<ProcessId> members_of(const ProcessName& name);
  [[nodiscard]] BootTime expiry_of(const SkewedProcess& process) const;
  void count(const ProcessName& name, const ClockReading& reading);

  NodeKernel& kernel_;
  Journal& journal_;
  FindProcess find_process_;
  FindExpiry find_expiry_;
  LaunchSkews* launches_;
  std::map<ProcessName, std::map<ProcessId, std::uint64_t>> skewed_;  // with their journal records
  std::map<ProcessName, Counted> counted_;
  std::map<ProcessId, std::string> troubles_;  // whom we could not reach, and why
};

}  // namespace squall
