// The orchestrator's shell: one loop that drains what was recorded, feeds the timeline machine and
// carries out what it decides.  Runs inside the arena, in a process of its own.
#pragma once

#include "arena/arena.h"
#include "orchestrator/run.h"

namespace squall {

// Messages between the run loop and the process outside, one packet each.
inline constexpr const char* kControlAbort = "abort";        // from outside: heal, close, end
inline constexpr const char* kControlEnd = "end";            // from outside: a kept lab may go
inline constexpr const char* kControlRecorded = "recorded";  // from inside: the run file is closed
inline constexpr const char* kControlFailed = "failed ";  // from inside: why nothing was recorded

// The body for run_in_lab: 0 when the recording is complete (whatever it says), 1 when it could not
// be written; then the reason was sent as kControlFailed.
[[nodiscard]] int run_loop(const RunSetup& setup, Arena& arena, int control);

}  // namespace squall
