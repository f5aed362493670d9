// Checks the targets of a process fault.
#include "injectors/on_processes.h"

#include <algorithm>

#include "base/nearest.h"

namespace squall {

Result<std::vector<Target>> process_targets(const Fault& fault, const HostFacts& host) {
  if (fault.sides.size() != 1 || fault.sides[0].empty()) {
    return Error{Errc::kInvalid, "it needs processes to point at; write 'on: SELECTOR'"};
  }
  std::vector<std::string> known;
  for (const NodeName& node : host.nodes) known.push_back(node.get());
  for (const Target& target : fault.sides[0]) {
    if (target.process.get().empty()) {
      return Error{Errc::kInvalid, "'" + to_text(target) +
                                       "' is a node; name a process of it, as in '" +
                                       to_text(target) + "/PROCESS'"};
    }
    if (std::find(known.begin(), known.end(), target.node.get()) == known.end()) {
      return Error{Errc::kInvalid, "there is no node '" + target.node.get() + "'" +
                                       suggestion(target.node.get(), known)};
    }
  }
  return fault.sides[0];
}

}  // namespace squall
