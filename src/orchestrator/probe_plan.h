// Which probes must arrive and which must not while a fault is active.  Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "faults/effect.h"

namespace squall {

// A one-way datagram from one node to another, in one family.
struct ProbePair {
  NodeName from;
  NodeName to;
  bool is_ipv6 = false;
  bool is_cut = false;                        // it must be lost
  [[nodiscard]] std::string to_text() const;  // "probe e1→e3 v4"
};

// Every ordered pair of nodes in both families; cut as the effects say.  Beyond kMaxControlPairs
// only pairs that share a node with a cut one are kept as controls.
[[nodiscard]] std::vector<ProbePair> plan_probes(const std::vector<NodeName>& nodes,
                                                 const std::vector<TargetedEffect>& effects);
inline constexpr std::size_t kMaxControlPairs = 400;

// The same pairs with nothing cut: for before and after.
[[nodiscard]] std::vector<ProbePair> without_cuts(std::vector<ProbePair> pairs);

}  // namespace squall
