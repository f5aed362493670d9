// What this machine has for a sealed one: asked before anything is built.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "arena/sealed/kernel_package.h"
#include "arena/sealed/qemu.h"
#include "base/result.h"

namespace squall {

// $SQUALL_KERNEL alone, else beside a build tree or an installation, else this machine's own.
[[nodiscard]] std::vector<std::string> kernel_folders();

// A resident machine: its kernel, image and stack.  Of the rest of its memory there is none until
// somebody writes to it.
inline constexpr std::uint64_t kMachineResidentMib = 700;

// MemAvailable of /proc/meminfo, and what the cgroup's limit leaves; 0: unknown.
[[nodiscard]] std::uint64_t available_memory_mib(const std::string& root = "");

struct CacheSpace {
  std::string folder;
  std::uint64_t free_mib = 0;
};
// That files can be made in it is tried.
[[nodiscard]] Result<CacheSpace> probe_cache();

// All of it.  kUnsupported or kNotFound with what to do.
[[nodiscard]] Result<> probe_sealed();

}  // namespace squall
