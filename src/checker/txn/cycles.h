// Which anomalies a graph of dependencies has, decided in full and without a clock.
//
// Every anomaly of Adya's family is a cycle with a constraint on its edges, and each constraint is
// a question about strongly connected components:
//
//   G0             ww                              components of ww
//   G1c            ww, wr                          components of ww and wr
//   G-single       exactly one rw                  an rw edge whose end reaches its beginning in
//                                                  ww and wr; 64 edges at a time, as bits
//   G-nonadjacent  rw, but never two in a row      components of the graph in which a node
//                                                  remembers whether its last edge was rw
//   G2-item        what is left                    components of everything
//
// The variants -process and -realtime add the order within a session, and the order of the clock.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checker/checker.h"
#include "checker/txn/graph.h"

namespace squall {

struct CycleStep {
  TxnIndex from = 0;
  TxnIndex to = 0;
  Link link = Link::kWw;
};

struct CycleAnomaly {
  std::string name;              // "G-single-item-process"
  std::uint64_t count = 0;       // components that show it, and nothing that rules out more
  std::vector<CycleStep> cycle;  // the shortest one of the smallest components
};

struct CycleReport {
  std::vector<CycleAnomaly> found;  // from what rules out most to what rules out least
  std::uint64_t steps = 0;
  // False: the steps ran out, or somebody asked to stop; what was found is certain nevertheless.
  bool is_complete = true;
};

[[nodiscard]] CycleReport find_cycles(const Graph& graph, const Budget& budget);

}  // namespace squall
