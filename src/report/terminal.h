// The terminal summary of a recording: verdicts first, then faults with their evidence.
#pragma once

#include <string>

#include "history/recording.h"
#include "orchestrator/judge.h"
#include "scenarios/scenario.h"

namespace squall {

struct TerminalStyle {
  bool has_color = false;
  std::size_t witnesses_max = 5;  // per check
};

// Text from a run file may come from a stranger: no control characters reach the terminal, neither
// those of one byte nor U+0080 to U+009F, which some terminals obey too.
[[nodiscard]] std::string printable(const std::string& text);

// Several lines, ending with a newline; the history's digest is not part of it.
[[nodiscard]] std::string terminal_summary(const Scenario& scenario, const Recording& recording,
                                           const Judgement& judgement, const TerminalStyle& style);

}  // namespace squall
