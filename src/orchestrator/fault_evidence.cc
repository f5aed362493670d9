// Evidence of one fault, through the agents.
#include "orchestrator/fault_evidence.h"

#include <algorithm>
#include <set>

#include "orchestrator/pause.h"
#include "orchestrator/prober.h"
#include "orchestrator/process_evidence.h"
#include "orchestrator/told_clock_rows.h"

namespace squall {
namespace {

constexpr Duration kProbeWait = std::chrono::milliseconds(250);  // on top of the slowest link
constexpr int kProbeTries = 4;
constexpr int kObserveTries = 3;
constexpr Duration kStatePause = std::chrono::milliseconds(20);  // between two looks at a state

using Cut = std::pair<NodeName, NodeName>;

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

// The fault's own plan, without the pairs that another active fault acts on: their state says
// nothing about this one.
std::vector<ProbePair> FaultEvidence::pairs_for(const ActiveFault& fault, const std::string& moment,
                                                std::uint64_t& generation) {
  std::vector<ProbePair> pairs = plan_probes(nodes_, fault.effects);
  std::set<Cut> foreign;
  {
    const std::lock_guard lock(mutex_);
    generation = generation_;
    for (const auto& [id, other] : active_) {
      if (id != fault.fault.id) foreign.merge(touched_links(other.effects));
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

void FaultEvidence::measure_links() {
  const std::vector<ProbePair> pairs = all_links(nodes_);
  const OneWayTimes times = measure_one_way(arena_, pairs,
                                            ProbeRound{.fault = "",
                                                       .moment = "before",
                                                       .number = ++rounds_,
                                                       .wait = kProbeWait + 2 * slowest_link_,
                                                       .run_start = run_start_});
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    // The quickest: nothing is faster than the link, while a machine that is busy starting the
    // stack makes some packets late.
    const auto quickest = std::min_element(times.samples[i].begin(), times.samples[i].end());
    if (quickest != times.samples[i].end()) links_[pairs[i].to_text()] = *quickest;
  }
}

// With what all active faults add; not where another one cuts or loses, nor where nothing is known
// of the link without faults.
std::vector<DelayedPair> FaultEvidence::delayed_pairs(const ActiveFault& fault,
                                                      std::uint64_t& generation) {
  const std::lock_guard lock(mutex_);
  generation = generation_;
  std::vector<TargetedEffect> all;
  for (const auto& [id, other] : active_) {
    all.insert(all.end(), other.effects.begin(), other.effects.end());
  }
  std::vector<DelayedPair> pairs = plan_delay_probes(fault.effects, all);
  std::erase_if(all, [](const TargetedEffect& targeted) {
    return std::holds_alternative<DelayTo>(targeted.effect);
  });
  const std::set<Cut> unreliable = touched_links(all);
  std::erase_if(pairs, [&](const DelayedPair& pair) {
    return unreliable.contains({pair.probe.from, pair.probe.to}) ||
           !links_.contains(pair.probe.to_text());
  });
  return pairs;
}

void FaultEvidence::measure_delays(const ActiveFault& fault, const std::string& moment) {
  std::vector<EvidenceRow> rows;
  for (int tries = 0; tries < kProbeTries; ++tries) {
    std::uint64_t generation = 0;
    const std::vector<DelayedPair> pairs = delayed_pairs(fault, generation);
    if (pairs.empty()) return;
    std::vector<ProbePair> probes;
    Duration slowest{0};
    for (const DelayedPair& pair : pairs) {
      probes.push_back(pair.probe);
      slowest = std::max(slowest, pair.median + 4 * pair.deviation);
    }
    const OneWayTimes times =
        measure_one_way(arena_, probes,
                        ProbeRound{.fault = fault.fault.id.get(),
                                   .moment = moment,
                                   .number = ++rounds_,
                                   .wait = kProbeWait + 2 * slowest_link_ + slowest,
                                   .run_start = run_start_});
    const std::lock_guard lock(mutex_);
    rows.clear();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      rows.push_back(
          delay_row(pairs[i], times.samples[i], times.sent, links_.at(pairs[i].probe.to_text())));
      rows.back().fault = fault.fault.id.get();
      rows.back().moment = moment;
      rows.back().at = now();
    }
    // Another fault came or went meanwhile: the round may have seen half of it.
    if (generation == generation_ && all_hold(rows)) break;
    // A fault that is over is not measured any more.
    if (moment == "during" && !active_.contains(fault.fault.id)) return;
  }
  post(std::move(rows));
}

void FaultEvidence::ask_clocks(const ActiveFault& fault, const std::string& moment,
                               const Topology& topology) {
  std::vector<EvidenceRow> rows;
  for (int tries = 0; tries < kProbeTries; ++tries) {
    std::vector<TargetedEffect> active;
    std::uint64_t generation = 0;
    {
      const std::lock_guard lock(mutex_);
      generation = generation_;
      for (const auto& [id, other] : active_) {
        active.insert(active.end(), other.effects.begin(), other.effects.end());
      }
    }
    rows = told_clock_rows(arena_, topology, fault.effects, active);
    for (EvidenceRow& row : rows) {
      row.fault = fault.fault.id.get();
      row.moment = moment;
      row.at = now();
    }
    const std::lock_guard lock(mutex_);
    if (generation == generation_ && all_hold(rows)) break;
    // A fault that is over is not asked about any more.
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
    if (!with_counters) continue;
    std::vector<FaultCounter> own = seen->counters;
    std::erase_if(own, [&](const FaultCounter& one) { return one.fault != fault.fault.id.get(); });
    for (EvidenceRow& proof : counter_rows(own, fault.effects, node)) {
      proof.fault = row.fault;
      proof.moment = row.moment;
      proof.at = row.at;
      rows.push_back(std::move(proof));
    }
  }
  post(std::move(rows));
}

}  // namespace squall
