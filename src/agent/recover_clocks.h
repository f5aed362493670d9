// Puts back the vDSOs that agents left patched who are gone, and whose journals are gone with them.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <vector>

namespace squall {

// Of these processes, those whose skew has ended because nobody renewed it; a living agent's has
// not.  One line for each that was put back; those that we may not look into are passed over.
[[nodiscard]] std::vector<std::string> recover_clocks(std::span<const pid_t> processes);

}  // namespace squall
