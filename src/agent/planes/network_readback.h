// Reads the network plane back from what the kernel says (libnftables-json(5)).  Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "agent/planes/network_transaction.h"

namespace squall {

enum class PacketFate { kDropped, kLost, kDelayed };

// What met a fault: packets of the stack, and probes.
struct PacketCounters {
  PacketFate fate = PacketFate::kDropped;
  std::uint64_t packets = 0;
  std::uint64_t probes = 0;
  std::uint64_t lost_packets = 0;  // of a loss, by its dice
  std::uint64_t lost_probes = 0;
};

struct NetworkReadback {
  // As the kernel does it now: peers that are in a set *and* whose packets a rule drops, loses or
  // steers; delays as the delay line carries them.  Cuts that nobody told us of appear under their
  // nftables names.
  NetworkState state;
  std::map<FaultId, PacketCounters> counters;
  std::set<FaultId> armed;  // the lease element is still there
};

// What to ask the kernel; kNotFound is the answer when there is no table.
[[nodiscard]] std::string nft_listing(const NetworkTable& table, const NetworkState& known);
// `json` holds the answers to nft_listing(), one a line; `known` gives the order and the names,
// `carried` what the delay line says.
[[nodiscard]] Result<NetworkReadback> parse_readback(std::string_view json,
                                                     const NetworkState& known,
                                                     const std::map<FaultId, DelaySpec>& carried);

}  // namespace squall
