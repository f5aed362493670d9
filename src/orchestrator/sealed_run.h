// One run in the sealed arena: the machine from outside, and what it adds to the run file.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/run.h"

namespace squall {

struct SealedOptions {
  std::uint64_t perturb = 0;  // the perturbation seed; 0: none
  std::string cpu = "qemu64";
  int shift = 0;  // an instruction takes 2^shift ns
  unsigned memory_mib = 2048;
  std::vector<std::string> include{};  // files to add to the image
  bool is_cached = true;               // false: boot, keep no snapshot
};

// As run_scenario (run.h): returns when everything is gone again.
[[nodiscard]] Result<> run_sealed(const RunSetup& setup, const SealedOptions& options);

}  // namespace squall
