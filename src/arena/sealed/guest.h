// The machine seen from inside, by its first process: what a kernel leaves to user space before a
// lab can run, the mailbox, and standing still.
#pragma once

#include <cstdint>

#include "arena/sealed/mailbox.h"
#include "base/result.h"

namespace squall {

// Mounts /proc, /sys, /dev, cgroups and memory file systems, loads /modules in order of their
// names, sets what a lab expects of its host.  Only for process 1 of a machine.
[[nodiscard]] Result<> set_up_machine();

// Through /dev/mem; stays mapped.
[[nodiscard]] Result<Mailbox> map_mailbox_inside();

// Asks for the port of `-device pvpanic`; once, before stand_still().
[[nodiscard]] Result<> open_port();
// Stops the machine between this instruction and the next.  It goes on when the host wants it to,
// and nothing inside can tell how long that took.
void stand_still();

// Jiffies that the processor was busy and idle since boot: the first line of /proc/stat.
struct ProcessorTime {
  std::uint64_t busy = 0;
  std::uint64_t idle = 0;
};
[[nodiscard]] Result<ProcessorTime> processor_time();

}  // namespace squall
