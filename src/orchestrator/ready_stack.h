// A stack that is ready before anybody has said what to run on it.
#pragma once

#include "arena/arena.h"
#include "orchestrator/run.h"

namespace squall {

// Starts the stack of `setup`, then asks its at_ready() and takes over what that says.
[[nodiscard]] Result<> make_ready(RunSetup& setup, Arena& arena);

}  // namespace squall
