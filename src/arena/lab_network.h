// The lab's network: a bridge per region, a network namespace per node, routes between regions.
//
//   e1 [eth0]──veth──┐                        ┌──veth──[eth0] e3
//                 squall-r1 ── root netns ── squall-r2
//   e2 [eth0]──veth──┘        │    ▲
//                       rule  ▼    │  main table
//                         TUN squall-delay
#pragma once

#include <cstdint>
#include <vector>

#include "arena/lab_plan.h"
#include "base/fd.h"
#include "base/result.h"

namespace squall {

// Where packets between regions with a delay are routed.
inline constexpr std::uint32_t kDelayTable = 4198;
inline constexpr const char* kDelayTun = "squall-delay";
// A bridge without ports.  When the delay line is gone its routes are gone too, and packets end
// here: a dead delay line cuts regions apart, it never brings them closer together.
inline constexpr const char* kVoidLink = "squall-void";

// Builds all of it around the calling thread's (fresh) network namespace, which becomes the root of
// the lab; packets between regions with a delay end in kVoidLink until a delay line is there.
// Returns the nodes' namespaces in the plan's order.
[[nodiscard]] Result<std::vector<Fd>> build_network(const LabPlan& plan);

}  // namespace squall
