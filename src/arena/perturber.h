// Carries out what PerturberCore decides, inside the sealed machine: samples the one CPU and holds
// threads of the stack for a moment.  Everything of Squall itself is spared.
#pragma once

#include <cstdint>
#include <string>

#include "arena/perturber_core.h"
#include "base/fd.h"
#include "base/result.h"

namespace squall {

struct PerturberCounts {
  std::uint64_t holds = 0;
  std::uint64_t yields = 0;
  std::uint64_t others = 0;  // samples that hit a program that is spared, or the kernel
};
[[nodiscard]] std::string to_text(const PerturberCounts& counts);

// Perturbs until `stop` becomes readable, then lets everybody go.  Call it as root of a machine of
// our own, in its first PID namespace, once the stack is ready; the calling process gets a
// real-time priority.  The kernel's random numbers continue differently for each seed.
// `directory` must exist and be empty: a controller is mounted there meanwhile.
// With seed 0 it waits for `stop` and does nothing else.
[[nodiscard]] Result<PerturberCounts> run_perturber(const PerturberSettings& settings,
                                                    const std::string& directory, const Fd& stop);

}  // namespace squall
