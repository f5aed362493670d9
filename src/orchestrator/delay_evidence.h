// How late packets are, and how many are lost, beside what was asked for.  Pure.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "arena/agent_client.h"
#include "faults/effect.h"
#include "history/recording.h"
#include "orchestrator/probe_plan.h"

namespace squall {

// A one-way link in one family, and the delay that faults add to it.
struct DelayedPair {
  ProbePair probe;
  Duration median{0};
  Duration deviation{0};   // of a single packet, all faults together
  double correlation = 0;  // the largest of theirs
};
// Of more links than this every n-th is measured, so that probes do not become a load.
inline constexpr std::size_t kMaxDelayedPairs = 64;

// The links that `own` effects delay, with what all `active` ones together add to them.
[[nodiscard]] std::vector<DelayedPair> plan_delay_probes(const std::vector<TargetedEffect>& own,
                                                         const std::vector<TargetedEffect>& active);
// Every ordered pair of nodes in both families.
[[nodiscard]] std::vector<ProbePair> all_links(const std::vector<NodeName>& nodes);
// Links that these effects cut, lose packets on or delay: other faults' probes there prove nothing.
[[nodiscard]] std::set<std::pair<NodeName, NodeName>> touched_links(
    const std::vector<TargetedEffect>& effects);

// The median of one-way times; `samples` is not empty.
[[nodiscard]] Duration median_of(std::vector<Duration> samples);
// How far the median of so many probes may be off: 10 % of the delay or 4 ms, and four standard
// deviations of the median where the delays scatter.
[[nodiscard]] Duration delay_tolerance(const DelayedPair& pair, std::size_t samples);
// "added delay e1→e3 v4: expected 50ms ± 5ms, observed 50.2ms (20 probes)".  `before` is the link's
// own time.  Fewer than half of the probes is no measurement.
[[nodiscard]] EvidenceRow delay_row(const DelayedPair& pair, const std::vector<Duration>& samples,
                                    std::size_t sent, Duration before);

// What a fault's counters on a node prove; those of probes prove nothing.
[[nodiscard]] std::vector<EvidenceRow> counter_rows(const std::vector<FaultCounter>& counters,
                                                    const std::vector<TargetedEffect>& effects,
                                                    const NodeName& node);

}  // namespace squall
