// What a run file should say about the machine, and where the stacks' servers are.
#pragma once

#include <map>
#include <string>

namespace squall {

// Kernel, distribution, processors, memory, versions.
[[nodiscard]] std::map<std::string, std::string> host_facts();

// The folder with the stacks' unpacked servers: below SQUALL_STACKS, else stacks/root beside the
// build folder's bin; "" where there is none.  The PATH comes after it.
[[nodiscard]] std::string stacks_path();

}  // namespace squall
