// From one state of the network plane to the next, as nftables transactions.  Pure.
//
//   table inet squall_e1 { flags owner            dies with the agent's socket
//     set     f_cut_v4, f_cut_v6                  whom the fault concerns; elements time out
//     set     f_cut_lease                         one element: still there = nothing lapsed
//     counter f_cut_packets, f_cut_probes
//     chain   f_cut                               counts, and tells probes from the stack's packets
//     chain   incoming                            prerouting, raw: count for every cut, then drop;
//                                                 what is left meets the dice of the losses
//     set     f_lossy_bad4, f_lossy_bad6          senders in the bad state of a loss in bursts
//     chain   f_lossy, f_lossy_lose               throws the dice; counts, and drops
//     chain   outgoing                            type route, output: count for every delay, then
//   }                                             mark, which steers into the delay line
#pragma once

#include <cstdint>
#include <string>

#include "agent/planes/network_plane.h"

namespace squall {

// A packet with this mark is to be delayed; …
inline constexpr std::uint32_t kSteerMark = 0x2000;
// … and one with this mark has been.
inline constexpr std::uint32_t kDelayedMark = 0x1000;
// Which delays it meets, a bit for each of the first slots; netem's bands are chosen by them.
inline constexpr unsigned kSlotShift = 24;
inline constexpr std::uint32_t kSlotMask = 0xfU << kSlotShift;

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
