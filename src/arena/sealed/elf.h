// What the loader reads of an ELF file: its interpreter, the libraries it needs, where it looks for
// them.  Layout: System V ABI, "Program Header" and "Dynamic Section"; x86-64, 64 bits only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace squall {

struct ElfFacts {
  std::string interpreter{};          // "" for a library or a static program
  std::vector<std::string> needed{};  // DT_NEEDED, in order
  std::vector<std::string> search{};  // DT_RUNPATH, else DT_RPATH; $ORIGIN not yet replaced
  std::size_t loaded_end = 0;         // behind it stands what only debuggers read
};

[[nodiscard]] bool looks_like_elf(std::string_view bytes);
// kInvalid: not an ELF file for this machine, or a broken one.
[[nodiscard]] Result<ElfFacts> read_elf(std::string_view bytes);

// The bytes that the loader maps, without sections: symbols and debug information are gone, what
// runs is the same.
[[nodiscard]] std::string loadable_part(std::string_view bytes, const ElfFacts& facts);

}  // namespace squall
