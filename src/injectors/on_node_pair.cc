// Checks the two sides of a network fault.
#include "injectors/on_node_pair.h"

#include <algorithm>

#include "base/nearest.h"

namespace squall {
namespace {

Result<> check_side(const Fault& fault, const std::vector<Target>& side, const HostFacts& host) {
  if (side.empty()) return Error{Errc::kInvalid, "one of the two sides has no node"};
  std::vector<std::string> known;
  for (const NodeName& node : host.nodes) known.push_back(node.get());
  for (const Target& target : side) {
    if (!target.process.get().empty()) {
      return Error{Errc::kInvalid, "'" + to_text(target) + "' is a process, and " + fault.kind +
                                       " acts between nodes; name the node"};
    }
    if (std::find(known.begin(), known.end(), target.node.get()) == known.end()) {
      return Error{Errc::kInvalid, "there is no node '" + target.node.get() + "'" +
                                       suggestion(target.node.get(), known)};
    }
  }
  return {};
}

}  // namespace

Result<> check_node_pair(const Fault& fault, const HostFacts& host) {
  if (fault.sides.size() != 2) {
    return Error{Errc::kInvalid, fault.kind + " has two sides; write 'between: [A, B]'"};
  }
  for (const std::vector<Target>& side : fault.sides) TRY(check_side(fault, side, host));
  for (const Target& target : fault.sides[0]) {
    const std::vector<Target>& other = fault.sides[1];
    if (std::find(other.begin(), other.end(), target) != other.end()) {
      return Error{Errc::kInvalid, "'" + to_text(target) + "' stands on both sides"};
    }
  }
  return {};
}

std::vector<NodeName> node_names(const std::vector<Target>& side) {
  std::vector<NodeName> nodes;
  for (const Target& target : side) nodes.push_back(target.node);
  return nodes;
}

}  // namespace squall
