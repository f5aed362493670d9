// The network plane of one node: whose packets each fault drops, loses or delays, as a value. Pure.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "agent/agent_config.h"
#include "agent/planes/leased_fault.h"
#include "base/result.h"

namespace squall {

// Whom a fault concerns, by address.
struct FaultPeers {
  FaultId fault;
  std::set<std::string> ipv4;
  std::set<std::string> ipv6;
  friend bool operator==(const FaultPeers&, const FaultPeers&) = default;
};
struct FaultLoss {
  FaultPeers from;
  LossSpec loss;
  friend bool operator==(const FaultLoss&, const FaultLoss&) = default;
};
struct FaultDelay {
  FaultPeers to;
  DelaySpec delay;
  std::size_t slot = 0;  // no other fault's; whoever installs it gives it one for its life
  friend bool operator==(const FaultDelay&, const FaultDelay&) = default;
};

// A fault stands in one of the lists.
struct NetworkState {
  std::vector<FaultPeers> drops = {};
  std::vector<FaultLoss> losses = {};
  std::vector<FaultDelay> delays = {};
  friend bool operator==(const NetworkState&, const NetworkState&) = default;

  [[nodiscard]] bool is_empty() const { return !has_incoming() && delays.empty(); }
  [[nodiscard]] bool has_incoming() const { return !drops.empty() || !losses.empty(); }
  // Valid until the state changes.
  [[nodiscard]] std::vector<const FaultPeers*> all() const;
  [[nodiscard]] bool contains(const FaultId& fault) const;
  // The same without the other faults.
  [[nodiscard]] NetworkState only(const std::set<FaultId>& faults) const;
};

// The fold, in start order.  Partitions unite.  Losses each throw their own dice for what the ones
// before them let through, so that p and q lose 1 - (1 - p)(1 - q).  Delays add: each draws its own
// for every packet.  Every fault keeps sets of its own, so taking one away touches no other.
// `active` in any order.  kInvalid for a peer without an address.
[[nodiscard]] Result<NetworkState> compile_network(
    std::span<const LeasedFault> active, const std::map<std::string, NodeAddresses>& nodes);
// "cut: drop from 198.18.0.2, fd00::2", "lossy: lose 5% from …", "slow: delay 50ms to …", one line
// per fault; "" for no fault.
[[nodiscard]] std::string to_text(const NetworkState& state);

}  // namespace squall
