// One recording with everything a report shows: two faults, three verdicts, a stranger's text.
#pragma once

#include "history/recording.h"
#include "orchestrator/judge.h"
#include "scenarios/scenario.h"

namespace squall::test {

[[nodiscard]] Scenario synthetic_scenario();
// Violated, unknown and valid; the witnesses hold control characters and markup.
[[nodiscard]] Recording violated_run();
// The same with a fault that was not installed.
[[nodiscard]] Recording invalid_run();
// Without the violation: one check could not answer.
[[nodiscard]] Recording unknown_run();

}  // namespace squall::test
