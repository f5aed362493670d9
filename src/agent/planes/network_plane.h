// The network plane of one node: which sources each fault cuts off, as a value, and the nftables
// transactions that take the kernel from one such value to the next.  Pure.
//
//   table inet squall_e1 { flags owner            dies with the agent's socket
//     set     f_cut_v4, f_cut_v6                  who is cut off; elements time out
//     set     f_cut_lease                         one element: still there = nothing lapsed
//     counter f_cut_packets, f_cut_probes
//     chain   f_cut                               counts, and tells probes from the stack's packets
//     chain   incoming                            prerouting, raw: count for every fault, then drop
//   }
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

struct FaultDrop {
  FaultId fault;
  std::set<std::string> ipv4;
  std::set<std::string> ipv6;
  friend bool operator==(const FaultDrop&, const FaultDrop&) = default;
};

struct NetworkState {
  std::vector<FaultDrop> drops;
  friend bool operator==(const NetworkState&, const NetworkState&) = default;

  [[nodiscard]] const FaultDrop* find(const FaultId& fault) const;
};

// The fold: partitions unite, each fault with sets of its own.  `active` in any order.  kInvalid
// for a peer without an address.
[[nodiscard]] Result<NetworkState> compile_network(
    std::span<const LeasedFault> active, const std::map<std::string, NodeAddresses>& nodes);
// "cut: drop from 198.18.0.2, fd00::2", one line per fault; "" for no fault.
[[nodiscard]] std::string to_text(const NetworkState& state);

struct NetworkTable {
  std::string name;  // "squall_e1"
  int probe_port = 0;
};
[[nodiscard]] NetworkTable network_table(const AgentConfig& config);
// What nftables calls a fault: "f_cut"; characters that it forbids are replaced, and a digest
// keeps two such names apart.
[[nodiscard]] std::string nft_symbol(const FaultId& fault);

// One transaction each.  Faults in both states keep their sets, counters and remaining time; a new
// one is armed for `lease`.  Empty when nothing differs.
[[nodiscard]] std::string nft_transition(const NetworkTable& table, const NetworkState& before,
                                         const NetworkState& after, Duration lease);
// Arms `state` again, or is refused as a whole with "No such file or directory" if the lease of any
// of its faults has lapsed: the element that is deleted first is no longer there then.
[[nodiscard]] std::string nft_renewal(const NetworkTable& table, const NetworkState& state,
                                      Duration lease);

}  // namespace squall
