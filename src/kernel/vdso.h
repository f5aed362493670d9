// The vDSO: the code page that the kernel maps into every process, through which programs read the
// clocks without a system call.  Where a process has it, what is in it, and where its functions
// are.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace squall {

// A range of a process's memory, as a line of /proc/PID/maps says it.
struct MemoryMapping {
  std::uint64_t start = 0;
  std::uint64_t end = 0;    // exclusive
  std::string permissions;  // "r-xp"
  std::string device;       // "00:01"
  std::uint64_t inode = 0;  // names a shared mapping, together with the device
  std::string name;         // "[vdso]", a path, or ""
};
// One line; kIo when it is not one.
[[nodiscard]] Result<MemoryMapping> parse_mapping(std::string_view line);
// kNotFound when the process is gone.  Empty for a kernel thread and a zombie.
[[nodiscard]] Result<std::vector<MemoryMapping>> mappings_of(pid_t pid);
// kNotFound when the process has none: it is a kernel thread, or the kernel runs with vdso=0.
[[nodiscard]] Result<MemoryMapping> find_vdso(const std::vector<MemoryMapping>& mappings);

using VdsoImage = std::vector<std::uint8_t>;
// The whole mapping of this process, which nobody patches: what the others' should look like.
[[nodiscard]] Result<VdsoImage> own_vdso();

struct VdsoFunction {
  std::uint64_t at = 0;  // bytes from the start of the mapping
  std::uint64_t size = 0;
};
// By its exact name ("__vdso_time"), through PT_DYNAMIC and DT_SYMTAB.  kUnsupported says what is
// wrong with the image; no offset in it is trusted.
[[nodiscard]] Result<VdsoFunction> find_function(const VdsoImage& image, std::string_view name);
// Where what the kernel put there ends; only zeros follow.
[[nodiscard]] std::uint64_t end_of_content(const VdsoImage& image);

}  // namespace squall
