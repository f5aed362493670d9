// How much memory this process has: what a limit is compared with, and its overshoot measured by.
#pragma once

#include <cstdint>
#include <string>

namespace squall {

// From here on peak_memory() counts anew; without effect where the kernel does not allow it.
void forget_peak_memory();
// Resident bytes at most since then (VmHWM of proc(5)); 0 where it cannot be read.
[[nodiscard]] std::uint64_t peak_memory();
// "1.9 GiB", "312 MiB".
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);

}  // namespace squall
