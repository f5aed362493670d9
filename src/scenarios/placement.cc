// Workload processes, dealt to nodes.
#include "scenarios/placement.h"

#include <algorithm>

namespace squall {
namespace {

// The placements of one entry; `next_id` counts over all entries.
std::vector<ClientPlacement> deal(std::size_t index, const WorkloadEntry& entry, bool is_isolated,
                                  const std::vector<Target>& nodes, std::int64_t& next_id) {
  std::vector<ClientPlacement> placements;
  for (int i = 0; i < entry.processes; ++i) {
    const std::size_t at = static_cast<std::size_t>(i) % nodes.size();
    if (is_isolated || static_cast<std::size_t>(i) < nodes.size()) {
      const std::string suffix = is_isolated ? "." + std::to_string(i) : "";
      ClientPlacement placement;
      placement.entry = index;
      placement.target = {nodes[at].node, ProcessName(entry.name + suffix)};
      placements.push_back(std::move(placement));
    }
    ClientPlacement& owner = is_isolated ? placements.back() : placements[at];
    owner.ids.push_back(next_id++);
  }
  return placements;
}

}  // namespace

const ClientRow* find_client(const Vocabulary& vocabulary, std::string_view kind) {
  const auto found = std::find_if(vocabulary.clients.begin(), vocabulary.clients.end(),
                                  [&](const ClientRow& row) { return row.kind == kind; });
  return found == vocabulary.clients.end() ? nullptr : &*found;
}

Result<std::vector<Target>> client_nodes(const WorkloadEntry& entry, const Topology& topology,
                                         std::uint64_t seed) {
  const std::vector<ClientProcess> none;
  const SelectorWorld world{topology, none, {}, {}};
  Rng rng = Rng(seed).split("workload/" + entry.name + "/from");
  return nodes_of(TRY(resolve(entry.from, world, rng)));
}

Result<std::vector<ClientPlacement>> place_clients(const Scenario& scenario,
                                                   const Vocabulary& vocabulary) {
  std::vector<ClientPlacement> all;
  std::int64_t next_id = 0;
  for (std::size_t i = 0; i < scenario.workload.size(); ++i) {
    const WorkloadEntry& entry = scenario.workload[i];
    const ClientRow* row = find_client(vocabulary, entry.client);
    if (row == nullptr) return Error{Errc::kInvalid, "unknown client '" + entry.client + "'"};
    const std::vector<Target> nodes =
        TRY(client_nodes(entry, scenario.topology, scenario.seed).in("workload " + entry.name));
    std::vector<ClientPlacement> some = deal(i, entry, row->is_isolated, nodes, next_id);
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

std::vector<ClientProcess> client_processes(const Scenario& scenario,
                                            const std::vector<ClientPlacement>& placements) {
  std::vector<ClientProcess> processes;
  for (const ClientPlacement& placement : placements) {
    processes.push_back({scenario.workload.at(placement.entry).name, placement.target});
  }
  return processes;
}

}  // namespace squall
