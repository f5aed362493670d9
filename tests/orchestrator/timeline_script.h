// The small language that drives a timeline machine: one event per `|`, "TIME EVENT",
//
//   3s tick | 3s applied cut | 13s tick | 13s healed cut | 4s failed cut | 5s abort by hand
//   5s violation of what
//   4s log SOURCE TEXT | 4s metrics availability=0.2 errors=7 kv:120
//
// A name with `=` is a metric, one with `:` a client's operations since the start.  What the
// machine did comes back in the same form:
//
//   3s apply cut | 13s heal cut | 18s finish
//   3s apply cut (due 2.9s) | 5s finish aborted: by hand | 4s finish invalid: …
#pragma once

#include <string>

#include "orchestrator/timeline_machine.h"

namespace squall::test {

// Carries on with a machine that has already seen something.
[[nodiscard]] std::string play(TimelineMachine& machine, const Scenario& scenario,
                               const std::string& script);
[[nodiscard]] std::string play(const Scenario& scenario, const std::string& script);

}  // namespace squall::test
