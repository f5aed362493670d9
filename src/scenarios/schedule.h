// A schedule: a scenario whose choices have been made by the seed, itself a runnable scenario.
#pragma once

#include <string>

#include "base/result.h"
#include "scenarios/scenario.h"

namespace squall {

struct ResolveOptions {
  std::uint64_t seed = 1;
  bool is_control = false;  // without its faults; expects pass
};

// Drawn timelines become lists, static selectors node lists, `at: 3s..5s` a time; each from the
// entry's own split stream (by id), so that removing an entry leaves the others as they were.
// Live selectors stay.  The timeline is ordered by time where that is known.
[[nodiscard]] Result<Scenario> resolve_schedule(Scenario scenario, const ResolveOptions& options);

// Canonical YAML with the topology inline: parse_scenario of it gives the same value.
[[nodiscard]] std::string to_yaml(const Scenario& scenario);
// Its topology alone; parse_topology gives the same value.
[[nodiscard]] std::string to_yaml(const Topology& topology);

// For --dry-run and people: one line an entry, "3s–13s  network.partition cut: e1, e2 | e3".
[[nodiscard]] std::string timeline_text(const Scenario& scenario);

}  // namespace squall
