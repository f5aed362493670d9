// Clients that call a simulated object, each one thing after the other.
#pragma once

#include <memory>

#include "history/generate/generate.h"
#include "history/generate/objects.h"

namespace squall {

// params: operations, clients, seed, info-rate, fail-rate.
[[nodiscard]] Result<> generate_calls(const Params& params, SimulatedObject& object,
                                      const TextSink& sink);

// At most so many names of processes can a history hold: every info uses up one.
[[nodiscard]] Result<> check_processes(const Params& params);

}  // namespace squall
