// Measures the evidence of one fault through the agents: probes, counters, process states.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "arena/arena.h"
#include "faults/effect.h"
#include "history/recording.h"
#include "orchestrator/delay_evidence.h"
#include "orchestrator/probe_plan.h"
#include "orchestrator/run_events.h"
#include "scenarios/topology.h"

namespace squall {

struct ActiveFault {
  Fault fault;
  std::vector<TargetedEffect> effects;
  std::vector<NodeName> nodes;
};

// What the processes of some nodes were before a fault, by node.
using ProcessSnapshot = std::map<NodeName, std::vector<ProcessStatus>>;

// Thread-safe: every fault's thread measures its own.
class FaultEvidence {
 public:
  FaultEvidence(Arena& arena, RunEventQueue& events, const Clock& clock, MonoTime run_start,
                Duration slowest_link, std::vector<NodeName> nodes);

  // Faults that come and go, so that a probe is never blamed on the wrong one.
  void began(const ActiveFault& fault);
  void ended(const FaultId& fault);

  [[nodiscard]] ProcessSnapshot snapshot(const std::vector<NodeName>& nodes);
  // Each posts its rows.  `moment`: "before", "during", "after".
  void probe(const ActiveFault& fault, const std::string& moment);
  void watch_processes(const ActiveFault& fault, const ProcessSnapshot& before,
                       const std::string& moment, Duration patience);
  // How long each link takes without faults; once, before the first of them.
  void measure_links();
  // What delays add to the links, beside what was asked for.
  void measure_delays(const ActiveFault& fault, const std::string& moment);
  // What time the skewed processes say it is, beside what was asked for.
  void ask_clocks(const ActiveFault& fault, const std::string& moment, const Topology& topology);
  // Planes agree with what is wanted; with counters (just before the heal), what was hit.
  void observe(const ActiveFault& fault, bool with_counters);

 private:
  [[nodiscard]] std::vector<ProbePair> pairs_for(const ActiveFault& fault,
                                                 const std::string& moment,
                                                 std::uint64_t& generation);
  [[nodiscard]] Result<AgentObservation> observe_patiently(const NodeName& node);
  [[nodiscard]] bool is_paused_by_another(const FaultId& fault, const TargetedEffect& effect);
  [[nodiscard]] std::vector<DelayedPair> delayed_pairs(const ActiveFault& fault,
                                                       std::uint64_t& generation);
  void post(std::vector<EvidenceRow> rows);
  [[nodiscard]] std::int64_t now() const;

  Arena& arena_;
  RunEventQueue& events_;
  const Clock& clock_;
  const MonoTime run_start_;
  const Duration slowest_link_;
  const std::vector<NodeName> nodes_;
  std::atomic<std::uint64_t> rounds_ = 0;
  std::mutex mutex_;
  std::map<FaultId, ActiveFault> active_;  // guarded by mutex_
  std::uint64_t generation_ = 0;           // guarded by mutex_: grows when a fault comes or goes
  std::map<std::string, Duration> links_;  // guarded by mutex_; by ProbePair::to_text()
};

}  // namespace squall
