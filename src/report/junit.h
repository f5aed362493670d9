// JUnit XML: one case per check and per fault's evidence, one for the run itself.
#pragma once

#include <string>

#include "history/recording.h"
#include "orchestrator/judge.h"
#include "scenarios/scenario.h"

namespace squall {

[[nodiscard]] std::string junit_xml(const Scenario& scenario, const Recording& recording,
                                    const Judgement& judgement);

}  // namespace squall
