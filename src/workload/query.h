// Questions that the orchestrator asks the stack.
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "scenarios/topology.h"

namespace squall {

// Whether the node at `ipv4` says that it leads.  The socket is opened in `netns` (a descriptor the
// caller keeps; < 0: the caller's own namespace).  Errors: it did not answer, or not in the way
// that the LeaderSpec expects.
[[nodiscard]] Result<bool> ask_leader(const LeaderSpec& spec, const std::string& ipv4, int netns_fd,
                                      Duration timeout);

}  // namespace squall
