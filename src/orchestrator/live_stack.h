// Answers that only the running stack has: who leads, who holds the lock.
#pragma once

#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "arena/arena.h"
#include "orchestrator/run_events.h"
#include "scenarios/placement.h"
#include "workload/history_builder.h"

namespace squall {

// Thread-safe.
class LiveStack {
 public:
  LiveStack(Arena& arena, const Scenario& scenario, std::vector<ClientPlacement> places);

  // Processes of the role on the nodes that say they lead, asked now.  kNotFound: nobody does.
  [[nodiscard]] Result<std::vector<Target>> leader(const std::string& role);
  // The client process whose logical process holds the lock.  kNotFound: nobody does.
  [[nodiscard]] Result<std::vector<Target>> holder(const std::string& client);
  // The loop tells what it has seen recorded.
  void set_holders(const std::string& client, std::vector<LockHolder> holders);

  // Both functions for selectors; refers to this object, the scenario and `clients`.
  [[nodiscard]] SelectorWorld world(const std::vector<ClientProcess>& clients);

 private:
  Arena& arena_;
  const Scenario& scenario_;
  const std::vector<ClientPlacement> places_;
  std::mutex mutex_;
  std::map<std::string, std::vector<LockHolder>> holders_;  // guarded by mutex_
};

// Asks every half second who leads each role of the topology, and posts LeaderSeen on a change.
class LeaderWatch {
 public:
  LeaderWatch(LiveStack& stack, const Scenario& scenario, RunEventQueue& events);

 private:
  std::jthread thread_;
};

}  // namespace squall
