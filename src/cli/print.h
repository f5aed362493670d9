// What the commands print, in one voice.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/params.h"
#include "base/result.h"
#include "orchestrator/judge.h"
#include "scenarios/scenario.h"

namespace squall {

void print_line(const std::string& text);   // standard output, with a newline
void print_text(const std::string& text);   // standard output, as it is
void print_error(const std::string& text);  // "squall: text" on standard error
// The error, and the exit code that its kind has.
[[nodiscard]] int fail(const Error& error);
[[nodiscard]] int to_int(ExitCode code);

// Color where standard output is a terminal and NO_COLOR is not set.
[[nodiscard]] bool wants_color();

// "  lease  duration, default 2s: help" lines, aligned.
[[nodiscard]] std::string params_text(std::span<const ParamSpec> params, const std::string& indent);
// The same as a Markdown table, "" for none.
[[nodiscard]] std::string params_markdown(std::span<const ParamSpec> params);
// Puts `indent` before every line; no newline at the end.
[[nodiscard]] std::string wrap_lines(const std::string& text, const std::string& indent);
[[nodiscard]] std::string wrap(const std::string& text, std::size_t width,
                               const std::string& indent);

// Loads a scenario with all clients known; prints every problem when there is one.
[[nodiscard]] Result<Scenario> load_or_print(const std::string& path,
                                             const std::vector<std::string>& overrides);
// The scenario as it was resolved, out of a run file's meta.
[[nodiscard]] Result<Scenario> scenario_of(const Recording& recording, const std::string& path);

}  // namespace squall
