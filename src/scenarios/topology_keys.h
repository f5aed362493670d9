// The tables of a topology's keys, in the order in which messages list them.
#pragma once

#include <array>

#include "scenarios/key_spec.h"

namespace squall {

inline constexpr std::array<KeySpec, 6> kTopologyKeys = {{
    {"topology", KeyKind::kName, "its name", kRequired},
    {"variables", KeyKind::kVariables, "names and defaults of what scenarios may change"},
    {"regions", KeyKind::kPart, "the regions, with the one-way delay to others"},
    {"processes", KeyKind::kPart, "what runs on the nodes", kRequired},
    {"nodes", KeyKind::kPart, "the hosts, each with its region and processes", kRequired},
    {"leader", KeyKind::kPart, "how to ask one node whether it leads"},
}};

inline constexpr std::array<KeySpec, 2> kNodeKeys = {{
    {"region", KeyKind::kName, "the region it is in"},
    {"run", KeyKind::kNames, "the processes that run on it"},
}};

inline constexpr std::array<KeySpec, 8> kProcessSpecKeys = {{
    {"role", KeyKind::kText, "what it is to selectors; its name by default"},
    {.name = "command",
     .kind = KeyKind::kTexts,
     .help = "a list of words, never a shell line",
     .fallback = kRequired,
     .min = 1},
    {"ready", KeyKind::kPart, "how it shows that it serves; at once if left out"},
    {"env", KeyKind::kTextMap, "environment variables"},
    {"files", KeyKind::kTextMap, "files that are written before it starts: paths and contents"},
    {"restart", KeyKind::kChoice, "whether it is started again when it ends", "never",
     "never|on-failure"},
    {"root", KeyKind::kText, "an unpacked OCI root file system; the host's by default"},
    {"after", KeyKind::kNames, "processes, on any node, that must be ready first"},
}};

inline constexpr std::array<KeySpec, 4> kReadyKeys = {{
    {.name = "http", .help = "a URL that answers 2xx", .group = "ready"},
    {.name = "tcp", .help = "an address that takes connections: '{ip}:6379'", .group = "ready"},
    {.name = "log",
     .kind = KeyKind::kPattern,
     .help = "a regular expression that is found in its output",
     .group = "ready"},
    {"within", KeyKind::kDuration, "by when, at most 10m", "20s"},
}};

// Where `leader` is a map of roles, no entry has a role of its own: the first row is not for it.
inline constexpr std::array<KeySpec, 7> kLeaderKeys = {{
    {"role", KeyKind::kText, "whose leader; needed where there is more than one role"},
    {.name = "http", .help = "a URL with {ip} that each node of the role is asked", .group = "ask"},
    {"post", KeyKind::kText, "the body of a POST; without it, a GET"},
    {.name = "same",
     .kind = KeyKind::kTexts,
     .help = "two JSON paths whose values are equal on the leader",
     .group = "answer",
     .min = 2,
     .max = 2},
    {.name = "redis",
     .kind = KeyKind::kTexts,
     .help = "a Redis command that each node of the role is asked; needs 'port'",
     .group = "ask",
     .min = 1},
    {.name = "port",
     .kind = KeyKind::kInteger,
     .help = "of the Redis command",
     .min = 1,
     .max = 65535},
    {.name = "matches",
     .kind = KeyKind::kPattern,
     .help = "a regular expression that the answer matches on the leader",
     .group = "answer"},
}};
[[nodiscard]] constexpr std::span<const KeySpec> keys_of_role_leader() {
  return std::span<const KeySpec>(kLeaderKeys).subspan(1);
}

}  // namespace squall
