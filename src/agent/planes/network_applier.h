// Takes the kernel's network plane to a desired state, keeps it armed, and reads it back.
#pragma once

#include <vector>

#include "agent/node_kernel.h"
#include "agent/planes/network_plane.h"
#include "agent/planes/network_readback.h"

namespace squall {

// Not for two threads at once.
class NetworkApplier {
 public:
  NetworkApplier(NodeKernel& kernel, NetworkTable table)
      : kernel_(kernel), table_(std::move(table)) {}

  // One transaction; new faults are armed for `lease`.  After an error the kernel is as before.
  [[nodiscard]] Result<> reconcile(const NetworkState& desired, Duration lease);
  // Arms the installed state again.  The answer lists faults whose lease has lapsed: they are not
  // armed, and the others are.
  [[nodiscard]] Result<std::vector<FaultId>> renew(Duration lease);
  [[nodiscard]] Result<std::vector<FaultId>> renew(const FaultId& fault, Duration lease);
  // Gives up the whole table, which ends every fault of this plane; for when reconcile() fails.
  [[nodiscard]] Result<> drop_all();
  [[nodiscard]] Result<NetworkReadback> observe();

 private:
  [[nodiscard]] Result<std::vector<FaultId>> renew(const NetworkState& some, Duration lease);

  NodeKernel& kernel_;
  NetworkTable table_;
  NetworkState installed_;
};

}  // namespace squall
