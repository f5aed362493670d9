// One machine from its parts to the closed run file: what run and replay have in common.
#pragma once

#include <functional>
#include <string>

#include "orchestrator/run.h"
#include "orchestrator/sealed_parts.h"

namespace squall {

struct SealedExecution {
  SealedParts parts;
  std::string stack;          // StackRequest and GoRequest (arena/sealed/sealed_request.h) as JSON,
  std::string go;             // recorded to the byte
  bool is_cached = true;      // false: boot, keep no snapshot
  bool is_embedding = false;  // the parts go into the run file
  std::function<void()> is_running{};  // called now and then while the machine runs
};

// As run_scenario (run.h), without calling on_recorded.
[[nodiscard]] Result<> execute_sealed(const RunSetup& setup, const SealedExecution& execution);

}  // namespace squall
