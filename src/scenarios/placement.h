// Which process of which workload entry runs on which node.
#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/scenario.h"

namespace squall {

// One operating-system process of a client.
struct ClientPlacement {
  std::size_t entry = 0;  // of the workload
  // "e1/etcd-lock.0" where the client is isolated, one for each of the entry's processes; otherwise
  // "e1/etcd-lock", one for each node that has any.
  Target target;
  std::vector<std::int64_t> ids;  // the history's processes it runs, unique in the run
};

// Round-robin over the nodes of `from`, in the order of the workload.  Errors: a `from` that
// matches nothing or needs the running stack.
[[nodiscard]] Result<std::vector<ClientPlacement>> place_clients(const Scenario& scenario,
                                                                 const Vocabulary& vocabulary);

// The nodes of an entry's `from`, drawn by the entry's own stream.
[[nodiscard]] Result<std::vector<Target>> client_nodes(const WorkloadEntry& entry,
                                                       const Topology& topology,
                                                       std::uint64_t seed);

// As targets for selectors.
[[nodiscard]] std::vector<ClientProcess> client_processes(
    const Scenario& scenario, const std::vector<ClientPlacement>& placements);

[[nodiscard]] const ClientRow* find_client(const Vocabulary& vocabulary, std::string_view kind);

}  // namespace squall
