// Takes the kernel's network plane to a desired state, keeps it armed, and reads it back.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/journal.h"
#include "agent/node_kernel.h"
#include "agent/planes/network_plane.h"
#include "agent/planes/network_readback.h"
#include "base/time.h"

namespace squall {

// Not for two threads at once.
class NetworkApplier {
 public:
  NetworkApplier(NodeKernel& kernel, Journal& journal, const Clock& clock, NetworkTable table)
      : kernel_(kernel), journal_(journal), clock_(clock), table_(std::move(table)) {}

  // One transaction, between the delay line's getting ready and its release; new faults are armed
  // for `lease`.  After an error the kernel is as before.
  [[nodiscard]] Result<> reconcile(const NetworkState& desired, Duration lease);
  // Arms the installed state again.  The answer lists faults whose lease has lapsed: they are not
  // armed, and the others are.  Delays whose line is dead or hangs are not armed either.
  [[nodiscard]] Result<std::vector<FaultId>> renew(Duration lease);
  [[nodiscard]] Result<std::vector<FaultId>> renew(const FaultId& fault, Duration lease);
  // Why nothing is delayed any more, if anything should be.
  [[nodiscard]] std::optional<std::string> delay_trouble();
  // Takes away what held packets, once they have left.  Whether there is no more to take away.
  [[nodiscard]] Result<bool> clear_up();
  // Gives up the whole table, which ends every fault of this plane; for when reconcile() fails.
  [[nodiscard]] Result<> drop_all();
  [[nodiscard]] Result<NetworkReadback> observe();
  // What was lost while it waited, or still waits; zeros without delays.
  [[nodiscard]] DelayCounters delay_counters();

 private:
  [[nodiscard]] Result<std::vector<FaultId>> renew(const NetworkState& some, Duration lease);
  [[nodiscard]] Result<> prepare_delays(const NetworkState& desired, Duration lease);
  [[nodiscard]] Result<> release_delays();
  // The same, with a slot for each delay.
  [[nodiscard]] NetworkState with_slots(NetworkState state) const;
  [[nodiscard]] std::vector<DelayRow> rows_of(const NetworkState& state) const;

  NodeKernel& kernel_;
  Journal& journal_;
  const Clock& clock_;
  NetworkTable table_;
  NetworkState installed_;
  std::map<FaultId, BootTime> expiries_;  // of delays: when the line stops adding them
  std::optional<std::uint64_t> record_;   // what the line would leave behind, in the journal
};

}  // namespace squall
