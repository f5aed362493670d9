// Topologies as one line of text.
#pragma once

#include <string>

#include "scenarios/topology.h"

namespace squall {

// "eu e1 e2 | us e3": regions with their nodes.  `delays`: "eu us 40ms, eu asia 100ms", both ways.
Topology topology(const std::string& regions, const std::string& delays);

}  // namespace squall
