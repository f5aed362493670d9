// Which QEMU runs the machine, and the files that decide what it does.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace squall {

struct Qemu {
  std::string version;  // "QEMU emulator version 7.2.22 (…)"
  // What decides how a machine runs, by name: kQemuProgram, kQemuTurns, its translator where that
  // is a module, firmware_names().
  std::map<std::string, std::string> files;
};

inline constexpr const char* kQemuProgram = "qemu-system-x86_64";
inline constexpr const char* kQemuTurns = "qemu-turns.so";  // makes its threads take turns
inline constexpr const char* kQemuTranslator = "accel-tcg-x86_64.so";

// $SQUALL_QEMU, else qemu-system-x86_64 in PATH.  kUnsupported says what to install.
[[nodiscard]] Result<Qemu> find_qemu();

// Of the files by name: firmware runs inside the emulator, the rest are native programs.
[[nodiscard]] bool is_firmware(const std::string& name);
// The firmware files that a machine of ours loads, by name.
[[nodiscard]] const std::vector<std::string>& firmware_names();

}  // namespace squall
