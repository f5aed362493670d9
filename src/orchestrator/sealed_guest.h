// The first process of a sealed machine: runs an ordinary lab and hands its run file out.
#pragma once

namespace squall {

// Process 1 of the machine.  Never returns to anybody: when all is said, the machine stands still.
[[noreturn]] void run_sealed_guest();

}  // namespace squall
