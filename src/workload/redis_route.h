// Who the primary is: asked of the Sentinels, or fixed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workload/client.h"
#include "workload/redis_api.h"

namespace squall {

struct RedisRoute {
  std::vector<EndpointAddress> endpoints;  // in the order to prefer
  std::vector<EndpointAddress> all_nodes;
  bool is_fixed = false;
  std::string primary_name;  // the Sentinels' name for it
  std::uint16_t port = 6379;
  std::uint16_t sentinel_port = 26'379;
};

// Fixed: the first endpoint.  Otherwise what the first Sentinel of the endpoints that answers
// believes, which on the small side of a cut is the old primary.
[[nodiscard]] Result<SocketAddress> find_primary(const RedisRoute& route, MonoTime deadline);

// The one that more than half of the Sentinels name and that says of itself that it is; where no
// Sentinel runs, the only node that says so.  For final reads, after the faults are over.
[[nodiscard]] Result<SocketAddress> find_settled_primary(const RedisRoute& route,
                                                         MonoTime deadline);

}  // namespace squall
