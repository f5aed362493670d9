// The shortest cycle through one of some edges.
#pragma once

#include <cstdint>
#include <vector>

#include "checker/txn/cycles.h"
#include "checker/txn/graph.h"

namespace squall {

struct CycleSearch {
  Links first = 0;            // the links that the cycle's first edge may have
  Links filter = 0;           // those of all others
  bool is_apart = false;      // no two rw edges in a row
  std::vector<Node> nodes{};  // where to look: a component
};

// Steps between transactions, helpers left out; empty if there is none.  The search is cut short
// after some million steps with what it has, which is a cycle, if perhaps not the shortest.
[[nodiscard]] std::vector<CycleStep> shortest_cycle(const Subgraph& part,
                                                    const CycleSearch& search);

}  // namespace squall
