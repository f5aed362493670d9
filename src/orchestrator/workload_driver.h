// The workload's client processes: placed on nodes, started by the agents, recorded through rings.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "arena/arena.h"
#include "history/recording.h"
#include "scenarios/placement.h"
#include "workload/client.h"
#include "workload/history_builder.h"
#include "workload/recorder_ring.h"

namespace squall {

// The run loop owns it; not thread-safe.
class WorkloadDriver {
 public:
  WorkloadDriver(Arena& arena, const Scenario& scenario, const SelectorWorld& world,
                 std::vector<ClientPlacement> places);

  // Starts the clients that begin with the run, and waits until they are prepared.
  [[nodiscard]] Result<> start(Duration patience, const Clock& clock);
  void set_command(ClientCommand command);
  // Entries with a `start:` of their own get their kRun when that has come.
  void run_due(Duration since_timeline_start);
  // Moves what was recorded into the builder.
  [[nodiscard]] Result<> drain(HistoryBuilder& builder);
  void add_sources(HistoryBuilder& builder);
  // All client processes have ended.
  [[nodiscard]] bool are_all_gone();
  [[nodiscard]] std::uint64_t ring_waits() const;

 private:
  [[nodiscard]] Result<> wait_until_ready(MonoTime give_up, const Clock& clock);
  [[nodiscard]] Result<ClientConfig> configure(const ClientPlacement& place);
  [[nodiscard]] const WorkloadEntry& entry_of(const ClientPlacement& place) const {
    return scenario_.workload.at(place.entry);
  }
  [[nodiscard]] Result<std::vector<NodeName>> endpoints_of(const WorkloadEntry& entry,
                                                           const NodeName& local);

  Arena& arena_;
  const Scenario& scenario_;
  const SelectorWorld& world_;
  std::vector<ClientPlacement> places_;
  std::vector<RecorderReader> rings_;            // beside places_
  std::vector<HistoryBuilder::Source> sources_;  // beside places_
  std::vector<bool> is_running_;                 // beside places_
};

}  // namespace squall
