// What every form of the report says in the same words: the outcome in two words, what the exit
// code means, how to run it again.
#pragma once

#include <string>

#include "history/recording.h"
#include "orchestrator/judge.h"
#include "scenarios/scenario.h"

namespace squall {

// Everything that a report is a function of.
struct ReportInput {
  const Scenario& scenario;
  const Recording& recording;
  const Judgement& judgement;
  const Recording* control = nullptr;  // the same scenario without its faults, if there is one
};

// "As expected", "Violated", "Did not run as written", …
[[nodiscard]] std::string headline(ExitCode code);
// "ran as written and every answer is the expected one"
[[nodiscard]] std::string exit_meaning(ExitCode code);
// "good", "bad" or "open": how it is coloured.
[[nodiscard]] std::string tone(ExitCode code);

// The meta value of that key, "" where there is none.
[[nodiscard]] std::string meta_of(const Recording& recording, const std::string& key);
// The value of that key in the environment (JSON), "" where there is none.
[[nodiscard]] std::string environment_of(const Recording& recording, const std::string& key);

// The key of the environment under which a run says its own command line.
inline constexpr const char* kCommandKey = "command";
// One shell command.  A run file that does not say how it was made gets the library's name for its
// scenario, and the seed.
[[nodiscard]] std::string reproduce_command(const Recording& recording);
// A word for the shell, quoted where that is needed.
[[nodiscard]] std::string shell_word(const std::string& word);

// Nothing, or why `control` is no control run of `recording` and what to do about it.
[[nodiscard]] Result<> match_control(const Recording& recording, const Recording& control);

}  // namespace squall
