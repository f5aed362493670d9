// The skewed processes' own word about the time, beside what was asked for.
#pragma once

#include <vector>

#include "arena/arena.h"
#include "faults/effect.h"
#include "history/recording.h"
#include "scenarios/topology.h"

namespace squall {

// How far all `active` effects together put this process's clock ahead.
[[nodiscard]] Duration skew_of(const Target& process, const std::vector<TargetedEffect>& active);

// "Date header of g2/gateway: expected 10s ± 2s, observed 9.6s".  What the header cannot tell from
// a right clock is proven by the cave's own read-back alone; it holds here, too.
[[nodiscard]] EvidenceRow told_clock_row(const Target& process, const std::string& what,
                                         Duration expected, Duration told);

// Asks every process that `own` skews and that has a way to tell.  One that does not answer (a
// paused one, one that is just started again) has no row: it said nothing, right or wrong.
[[nodiscard]] std::vector<EvidenceRow> told_clock_rows(Arena& arena, const Topology& topology,
                                                       const std::vector<TargetedEffect>& own,
                                                       const std::vector<TargetedEffect>& active);

}  // namespace squall
