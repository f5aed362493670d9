// Which QEMU runs the machine, and the files that decide what it does.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace squall {

struct Qemu {
  std::vector<std::string> command;  // how it is started
  std::string firmware;              // "": its own folder
  std::string turns;                 // the library that makes its threads take turns
  std::string version;               // "QEMU emulator version 7.2.22 (…)"
  std::vector<std::string> files;    // program, firmware: what enters a machine's identity
};

// $SQUALL_QEMU, else qemu-system-x86_64 in PATH.  kUnsupported says what to install.
[[nodiscard]] Result<Qemu> find_qemu();

// The firmware files that a machine of ours loads, by name.
[[nodiscard]] const std::vector<std::string>& firmware_names();

}  // namespace squall
