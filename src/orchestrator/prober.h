// Sends the planned probes through the agents and turns what arrived into evidence.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "arena/arena.h"
#include "history/recording.h"
#include "orchestrator/probe_plan.h"

namespace squall {

struct ProbeRound {
  std::string fault;
  std::string moment;    // "before", "during", "after"
  std::uint64_t number;  // unique in the run; makes the nonces unique
  Duration wait;         // for a probe to arrive: well above the slowest link
  MonoTime run_start;
};

// One row per pair.  A pair that other active faults cut is the caller's business: it leaves it
// out. Errors of an agent become rows that do not hold.
[[nodiscard]] std::vector<EvidenceRow> run_probes(Arena& arena, const std::vector<ProbePair>& pairs,
                                                  const ProbeRound& round, const Clock& clock);

// One-way times over each of the pairs, measured between the clocks of two nodes: on different
// machines only the difference of two measurements means something.
struct OneWayTimes {
  std::vector<std::vector<Duration>> samples;  // of each pair; what was lost is missing
  std::size_t sent = 0;                        // over each pair
};
// In a few bursts, a moment apart, so that one hiccup does not hit them all.
[[nodiscard]] OneWayTimes measure_one_way(Arena& arena, const std::vector<ProbePair>& pairs,
                                          const ProbeRound& round);

}  // namespace squall
