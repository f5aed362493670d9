// Reads the network plane back from what the kernel says (libnftables-json(5)).  Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "agent/planes/network_plane.h"

namespace squall {

struct DropCounters {
  std::uint64_t packets = 0;  // the stack's own
  std::uint64_t probes = 0;
};

struct NetworkReadback {
  // As the kernel does it now: sources that are in a set *and* dropped by a rule.  Faults that
  // nobody told us of appear under their nftables names.
  NetworkState state;
  std::map<FaultId, DropCounters> counters;
  std::set<FaultId> armed;  // the lease element is still there
};

// What to ask the kernel; kNotFound is the answer when there is no table.
[[nodiscard]] std::string nft_listing(const NetworkTable& table);
// `json` holds the answers to nft_listing(), one a line; `known` gives the order and the names.
[[nodiscard]] Result<NetworkReadback> parse_readback(std::string_view json,
                                                     const NetworkState& known);

}  // namespace squall
