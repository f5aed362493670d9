// The tables of a scenario's keys, in the order in which messages list them.
#pragma once

#include <array>

#include "injectors/injector.h"
#include "scenarios/key_spec.h"

namespace squall {

inline constexpr std::array<KeySpec, 16> kScenarioKeys = {{
    {.name = "squall",
     .kind = KeyKind::kChoice,
     .help = "the version of the format, 1",
     .fallback = kRequired,
     .choices = "1"},
    {"name", KeyKind::kName, "the scenario's name", kRequired},
    {"why", KeyKind::kText, "what goes wrong and how, in a sentence", kRequired},
    {"expect", KeyKind::kChoice, "how the run must end; a control run always expects 'pass'",
     "pass", "pass|violation|either"},
    {"seed", KeyKind::kSeed, "of every choice; --seed replaces it", "1"},
    {"settle", KeyKind::kDuration, "the load goes on so long after the last heal", "5s"},
    {"limit", KeyKind::kDuration,
     "of the whole timeline, triggers included; passing it makes the run invalid", "10m"},
    {"duration", KeyKind::kDuration, "the load runs at least so long before the settle", "0s"},
    {"control", KeyKind::kBoolean,
     "the schedule of a control run: no timeline, and checks may name absent faults", "false"},
    {"stop-on-violation", KeyKind::kBoolean,
     "the run ends, healed in order, at the first violation that is certain while it goes on",
     "false"},
    {"stack", KeyKind::kPart, "'use: topologies/NAME.yaml', or 'inline'", kRequired},
    {"workload", KeyKind::kPart, "the clients", kRequired},
    {"timeline", KeyKind::kPart, "the faults, over time"},
    {"steady", KeyKind::kPart, "the gate that the unfaulted stack passes before the timeline"},
    {"checks", KeyKind::kPart, "a run that checks nothing proves nothing", kRequired},
    {"guard", KeyKind::kPart, "when the run is aborted"},
}};

inline constexpr std::array<KeySpec, 3> kStackKeys = {{
    {.name = "use",
     .help = "a topology file, beside the scenario, above it or in the installed library",
     .group = "topology"},
    {.name = "inline", .kind = KeyKind::kPart, .help = "a topology in place", .group = "topology"},
    {"with", KeyKind::kVariables, "values for the topology's variables"},
}};

inline constexpr std::size_t kMaxWorkload = 64;
inline constexpr std::size_t kMaxTimeline = 1000;

// What every workload entry has; all other keys are parameters of its client.
inline constexpr std::array<KeySpec, 6> kWorkloadKeys = {{
    {"client", KeyKind::kText, "the kind of client", kRequired},
    {"name", KeyKind::kName,
     "for checks, triggers and selectors; unlike every other client's and process's; the kind by "
     "default"},
    {.name = "processes",
     .kind = KeyKind::kInteger,
     .help = "how many run at once, dealt round-robin to the nodes of 'from'",
     .fallback = "1",
     .min = 1,
     .max = 4000},
    {"from", KeyKind::kSelector, "the nodes it runs on", "all"},
    {"endpoint", KeyKind::kSelector, "whom it talks to: any, local, leader, or a selector", "any",
     "any|local|leader"},
    {"start", KeyKind::kDuration, "when it begins, from the start of the timeline", "0s"},
}};

// What every timeline entry has; then come the keys of the fault's aim and its parameters.
inline constexpr std::array<KeySpec, 8> kTimelineKeys = {{
    {.name = "at",
     .kind = KeyKind::kTime,
     .help = "when it begins, from the start of the timeline; of '3s..5s' the seed draws a moment",
     .group = "trigger"},
    {.name = "after",
     .kind = KeyKind::kPart,
     .help = "begins with another fault, or once it has healed",
     .group = "trigger"},
    {.name = "when",
     .kind = KeyKind::kPart,
     .help = "begins at a log line, a metric or a number of operations",
     .group = "trigger"},
    {"fault", KeyKind::kText, "the kind of fault", kRequired},
    {"name", KeyKind::kText,
     "for 'after', checks and reports; by default the kind, then KIND@2, …"},
    {"expect-exercised", KeyKind::kBoolean, "false for a fault that is meant to hit no traffic",
     "true"},
    {"expect-consequence", KeyKind::kBoolean,
     "false where no error, election or ejection need follow", "true"},
    {"for", KeyKind::kDuration, "how long it lasts"},
}};

inline constexpr std::array<KeySpec, 3> kNodePairKeys = {{
    {"between", KeyKind::kSelectorPair, "two selectors of nodes; both sides are hit"},
    {"from", KeyKind::kSelector, "one way: the side that sends"},
    {"to", KeyKind::kSelector, "one way: the side that does not get what 'from' sends as it was"},
}};
// Parameters that follow from how a pair is written, so that nobody writes them.
inline constexpr std::array<KeySpec, 1> kNodePairImplied = {{
    {"direction", KeyKind::kText, "follows from 'between', or 'from' and 'to'"},
}};
inline constexpr std::array<KeySpec, 1> kProcessKeys = {{
    {"on", KeyKind::kSelector, "a selector of nodes or processes", kRequired},
}};

[[nodiscard]] constexpr std::span<const KeySpec> aim_keys(Aim aim) {
  if (aim == Aim::kNodePairs) return kNodePairKeys;
  return kProcessKeys;
}

inline constexpr std::array<KeySpec, 3> kAfterKeys = {{
    {"fault", KeyKind::kText, "the fault to wait for", kRequired},
    {"by", KeyKind::kDuration, "how long after it", "0s"},
    {"of", KeyKind::kChoice, "after its start, or after it has healed", "end", "end|start"},
}};

// Also a rule of the guard.
inline constexpr std::array<KeySpec, 4> kMetricKeys = {{
    {"metric", KeyKind::kChoice, "one of availability, operations, errors", kRequired,
     "availability|operations|errors"},
    {.name = "below",
     .kind = KeyKind::kBound,
     .help = "a share for availability, so many in a second for operations and errors",
     .group = "bound"},
    {.name = "above",
     .kind = KeyKind::kBound,
     .help = "a share for availability, so many in a second for operations and errors",
     .group = "bound"},
    {"for", KeyKind::kDuration, "how long it must hold", "0s"},
}};
inline constexpr std::array<KeySpec, 2> kLogKeys = {{
    {"log", KeyKind::kPattern, "a regular expression that is found in a log line"},
    {"of", KeyKind::kText, "of this client or process only"},
}};
inline constexpr std::array<KeySpec, 2> kCountKeys = {{
    {.name = "operations",
     .kind = KeyKind::kInteger,
     .help = "at this operation, counted from 1",
     .fallback = "1",
     .min = 1,
     .max = 1'000'000'000'000},
    {"of", KeyKind::kText, "of this client only"},
}};
inline constexpr std::array<KeyVariant, 3> kWhenVariants = {{
    {"log", kLogKeys},
    {"metric", kMetricKeys},
    {"operations", kCountKeys},
}};

inline constexpr std::array<ParamSpec, 4> kSteadyParams = {{
    {"availability", ParamType::kPercent, "95%", "share of the operations that are ok", ""},
    {"window", ParamType::kDuration, "2s", "how long it must hold", ""},
    {"within", ParamType::kDuration, "20s", "by when it must hold", ""},
    {"operations", ParamType::kInteger, "10", "at least so many in the window", ""},
}};

inline constexpr std::array<KeySpec, 1> kGuardKeys = {{
    {"abort-when", KeyKind::kPart, "one rule or a list of rules", kRequired},
}};

}  // namespace squall
