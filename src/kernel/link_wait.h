// Waits for links to pass packets.
#pragma once

#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"

namespace squall {

// Returns once every one of the links in `netns` is running (Link::is_running) and the kernel
// answers neighbours that ask for their IPv6 addresses; kTimeout names the first that is not so
// far.  Add addresses first, set both ends of each veth and the bridge up, then wait for them all
// before the first packet: one that comes earlier is lost, and ARP and neighbour discovery repeat
// their question only a second later (measured: 1 in 5 fresh pairs of nodes).
[[nodiscard]] Result<> wait_until_running(const Fd& netns, const std::vector<std::string>& links,
                                          Duration timeout);

}  // namespace squall
