// The tables of the keys of a drawn timeline.
#pragma once

#include <array>

#include "scenarios/key_spec.h"

namespace squall {

inline constexpr std::array<KeySpec, 2> kDrawnTimelineKeys = {{
    {"random", KeyKind::kPart, "faults that the seed draws", kRequired},
    {"fixed", KeyKind::kPart, "faults that are there for every seed"},
}};

inline constexpr std::int64_t kMaxDrawn = 500;
inline constexpr std::int64_t kMaxDrawnKinds = 64;

inline constexpr std::array<KeySpec, 8> kRandomKeys = {{
    {"length", KeyKind::kDuration, "the safety phase: all drawn faults begin and end in it",
     kRequired},
    {.name = "count",
     .kind = KeyKind::kCount,
     .help = "how many faults are drawn: 5, or 3..8",
     .group = "number",
     .min = 1,
     .max = kMaxDrawn},
    {.name = "rate",
     .kind = KeyKind::kCount,
     .help = "the same as faults in a minute: 12, or 6..20",
     .group = "number",
     .min = 1,
     .max = 10'000},
    {.name = "at-once",
     .kind = KeyKind::kInteger,
     .help = "never more of them together",
     .fallback = "2",
     .min = 1,
     .max = kMaxDrawn},
    {"gap", KeyKind::kDuration, "from one start to the next at least", "500ms"},
    {"pattern", KeyKind::kChoice,
     "free: each by itself; swizzle: they start one by one and heal one by one in another order",
     "free", "free|swizzle"},
    {"liveness", KeyKind::kDuration,
     "the liveness phase: everything is healed and the load goes on so long", "10s"},
    {"faults", KeyKind::kPart, "the kinds of faults to draw from", kRequired},
}};

// What every kind has; then come the keys of its aim and its parameters, each a value, a range
// LOW..HIGH or a list of values.
inline constexpr std::array<KeySpec, 6> kRandomFaultKeys = {{
    {"fault", KeyKind::kText, "the kind of fault", kRequired},
    {"name", KeyKind::kName,
     "drawn faults are called NAME-1, NAME-2, …; by default the last word of the kind"},
    {.name = "weight",
     .kind = KeyKind::kInteger,
     .help = "how often it is drawn, compared with the others",
     .fallback = "1",
     .min = 1,
     .max = 1000},
    {"for", KeyKind::kTime, "how long it lasts: 3s, or 1s..5s"},
    {"expect-exercised", KeyKind::kBoolean, "false for a fault that may hit no traffic", "true"},
    {"expect-consequence", KeyKind::kBoolean,
     "true where an error, election or ejection must follow", "false"},
}};

}  // namespace squall
