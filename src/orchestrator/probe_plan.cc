// Which probes must arrive and which must not.
#include "orchestrator/probe_plan.h"

#include <algorithm>
#include <set>
#include <utility>

namespace squall {
namespace {

using Cut = std::pair<NodeName, NodeName>;  // from, to

std::set<Cut> cuts_of(const std::vector<TargetedEffect>& effects) {
  std::set<Cut> cuts;
  for (const TargetedEffect& targeted : effects) {
    const auto* drop = std::get_if<DropFrom>(&targeted.effect);
    if (drop == nullptr) continue;
    for (const NodeName& peer : drop->peers) cuts.insert({peer, targeted.node});
  }
  return cuts;
}

}  // namespace

std::string ProbePair::to_text() const {
  return "probe " + from.get() + "→" + to.get() + (is_ipv6 ? " v6" : " v4");
}

std::vector<ProbePair> plan_probes(const std::vector<NodeName>& nodes,
                                   const std::vector<TargetedEffect>& effects) {
  const std::set<Cut> cuts = cuts_of(effects);
  if (cuts.empty()) return {};
  std::set<NodeName> touched;
  for (const Cut& cut : cuts) touched.insert({cut.first, cut.second});
  const bool is_large = nodes.size() * nodes.size() > kMaxControlPairs;
  std::vector<ProbePair> pairs;
  for (const NodeName& from : nodes) {
    for (const NodeName& to : nodes) {
      if (from == to) continue;
      const bool is_cut = cuts.contains({from, to});
      if (is_large && !is_cut && !(touched.contains(from) && touched.contains(to))) continue;
      pairs.push_back({from, to, false, is_cut});
      pairs.push_back({from, to, true, is_cut});
    }
  }
  return pairs;
}

std::vector<ProbePair> without_cuts(std::vector<ProbePair> pairs) {
  for (ProbePair& pair : pairs) pair.is_cut = false;
  return pairs;
}

}  // namespace squall
