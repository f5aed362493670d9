// Evidence of one fault, through the agents.
#include "orchestrator/fault_evidence.h"

#include <algorithm>
#include <set>

#include "orchestrator/pause.h"
#include "orchestrator/prober.h"
#include "orchestrator/process_evidence.h"

namespace squall {
namespace {

constexpr Duration kProbeWait = std::chrono::milliseconds(250);  // on top of the slowest link
constexpr int kProbeTries = 4;
constexpr int kObserveTries = 3;
constexpr Duration kStatePause = std::chrono::milliseconds(20);  // between two looks at a state

using Cut = std::pair<NodeName, NodeName>;

std::set<Cut> cuts_of(const std::vector<ProbePair>& pairs) {
  std::set<Cut> cuts;
  for (const ProbePair& pair : pairs) {
    if (pair.is_cut) cuts.insert({pair.from, pair.to});
  }
  return cuts;
}

bool all_hold(const std::vector<EvidenceRow>& rows) {
  return std::all_of(rows.begin(), rows.end(), [](const EvidenceRow& row) { return row.holds; });
}

}  // namespace

FaultEvidence::FaultEvidence(Arena& arena, RunEventQueue& events, const Clock& clock,
                             MonoTime run_start, Duration slowest_link, std::vector<NodeName> nodes)
    : arena_(arena),
      events_(events),
      clock_(clock),
      run_start_(run_start),
      slowest_link_(slowest_link),
      nodes_(std::move(nodes)) {}

void FaultEvidence::began(const ActiveFault& fault) {
  const std::lock_guard lock(mutex_);
  active_[fault.fault.id] = fault;
  ++generation_;
}

void FaultEvidence::ended(const FaultId& fault) {
  const std::lock_guard lock(mutex_);
  active_.erase(fault);
  ++generation_;
}

std::int64_t FaultEvidence::now() const {
  return (clock_.mono() - run_start_).count();
}

void FaultEvidence::post(std::vector<EvidenceRow> rows) {
  if (!rows.empty()) events_.post(EvidenceFound{std::move(rows)});
}

// The fault's own plan, without the pairs that another active fault cuts: their state says nothing
// about this one.
std::vector<ProbePair> FaultEvidence::pairs_for(const ActiveFault& fault, const std::string& moment,
                                                std::uint64_t& generation) {
  std::vector<ProbePair> pairs = plan_probes(nodes_, fault.effects);
  std::set<Cut> foreign;
  {
    const std::lock_guard lock(mutex_);
    generation = generation_;
    for (const auto& [id, other] : active_) {
      if (id != fault.fault.id) foreign.merge(cuts_of(plan_probes(nodes_, other.effects)));
    }
  }
  if (moment != "during") pairs = without_cuts(std::move(pairs));
  std::erase_if(pairs, [&](const ProbePair& pair) {
    return foreign.contains({pair.from, pair.to});
  });
  return pairs;
}

void FaultEvidence::probe(const ActiveFault& fault, const std::string& moment) {
  std::vector<EvidenceRow> rows;
  for (int tries = 0; tries < kProbeTries; ++tries) {
    std::uint64_t generation = 0;
    const std::vector<ProbePair> pairs = pairs_for(fault, moment, generation);
    if (pairs.empty()) return;
    rows = run_probes(arena_, pairs,
                      ProbeRound{.fault = fault.fault.id.get(),
                                 .moment = moment,
                                 .number = ++rounds_,
                                 .wait = kProbeWait + 2 * slowest_link_,
                                 .run_start = run_start_},
                      clock_);
    const std::lock_guard lock(mutex_);
    // Another fault came or went meanwhile: the round may have seen half of it.
    if (generation == generation_ && all_hold(rows)) break;
    // A fault that is over is not measured any more.
    if (moment == "during" && !active_.contains(fault.fault.id)) return;
  }
  post(std::move(rows));
}

ProcessSnapshot FaultEvidence::snapshot(const std::vector<NodeName>& nodes) {
  ProcessSnapshot processes;
  for (const NodeName& node : nodes) {
    Result<AgentObservation> seen = arena_.agent(node).observe();
    if (seen) processes[node] = std::move(seen->processes);
  }
  return processes;
}

// A process stays paused while anyone pauses it: its state says nothing about this fault's heal.
bool FaultEvidence::is_paused_by_another(const FaultId& fault, const TargetedEffect& effect) {
  const auto* pause = std::get_if<Pause>(&effect.effect);
  if (pause == nullptr) return false;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, other] : active_) {
    for (const TargetedEffect& theirs : other.effects) {
      const auto* also = std::get_if<Pause>(&theirs.effect);
      const bool is_same =
          also != nullptr && theirs.node == effect.node && also->process == pause->process;
      if (id != fault && is_same) return true;
    }
  }
  return false;
}

void FaultEvidence::watch_processes(const ActiveFault& fault, const ProcessSnapshot& before,
                                    const std::string& moment, Duration patience) {
  const MonoTime give_up = clock_.mono() + patience;
  for (;;) {
    const ProcessSnapshot seen = snapshot(fault.nodes);
    std::vector<EvidenceRow> rows;
    for (const TargetedEffect& effect : fault.effects) {
      if (moment == "after" && is_paused_by_another(fault.fault.id, effect)) continue;
      const auto old = before.find(effect.node);
      const auto fresh = seen.find(effect.node);
      static const std::vector<ProcessStatus> kNone;
      for (EvidenceRow& row : process_rows(fault.fault.id.get(), moment, effect,
                                           old == before.end() ? kNone : old->second,
                                           fresh == seen.end() ? kNone : fresh->second)) {
        row.at = now();
        rows.push_back(std::move(row));
      }
    }
    if (rows.empty()) return;
    if (all_hold(rows) || clock_.mono() >= give_up) return post(std::move(rows));
    pause_for(kStatePause);
  }
}

// One answer that was lost on the way says nothing about the fault.
Result<AgentObservation> FaultEvidence::observe_patiently(const NodeName& node) {
  for (int tries = 1;; ++tries) {
    Result<AgentObservation> seen = arena_.agent(node).observe();
    if (seen || tries == kObserveTries) return seen;
    events_.post(Noted{node.get(), "observe, asked again: " + seen.error().what});
    pause_for(kStatePause);
  }
}

void FaultEvidence::observe(const ActiveFault& fault, bool with_counters) {
  std::vector<EvidenceRow> rows;
  for (const NodeName& node : fault.nodes) {
    const Result<AgentObservation> seen = observe_patiently(node);
    EvidenceRow row{fault.fault.id.get(), "installed", "during", node.get()};
    row.at = now();
    if (!seen) {
      row.what = "agent";
      row.expected = "answers";
      row.observed = seen.error().what;
      rows.push_back(row);
      continue;
    }
    for (const PlaneObservation& plane : seen->planes) {
      row.what = plane.plane + " plane";
      row.expected = plane.desired;
      row.observed = plane.agrees ? plane.desired : plane.observed;
      row.holds = plane.agrees;
      rows.push_back(row);
    }
    for (const FaultCounter& counter : seen->counters) {
      if (!with_counters || counter.fault != fault.fault.id.get()) continue;
      if (counter.what.find("probes") != std::string::npos) continue;
      row.grade = "exercised";
      row.what = counter.what;
      row.expected = "at least 1";
      row.observed = std::to_string(counter.count);
      row.holds = counter.count > 0;
      rows.push_back(row);
      row.grade = "installed";
    }
  }
  post(std::move(rows));
}

}  // namespace squall
