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

}  // namespace squall
