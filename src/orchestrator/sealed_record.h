// What a run file says about the machine it was recorded in (meta `sealed`; docs/run-file.md), and
// how another machine differs from it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace squall {

// SHA-256 of everything that decides how a machine runs.
struct SealedHashes {
  std::string kernel{};
  std::string image{};                        // of the archive
  std::map<std::string, std::string> qemu{};  // by name, firmware too (arena/sealed/qemu.h)
  // Path in the image → its content as it was on the host.  Follows from the image, and is here to
  // say what differs.
  std::map<std::string, std::string> files{};
};

struct SealedRecord {
  std::uint64_t perturb = 0;
  std::string cpu{};
  int shift = 0;
  unsigned memory_mib = 0;
  bool has_baseline = true;
  std::string machine{};  // QEMU's options and the kernel's command line
  std::string kernel_release{};
  std::string qemu_version{};
  std::vector<std::string> include{};             // absolute paths, as --include named them
  std::map<std::string, std::string> programs{};  // name as the scenario has it → path in the image
  SealedHashes hashes{};
};

// With what the machine told at its end (a JSON object or "") and what it took in real time.
struct SealedTaken {
  std::string facts{};
  std::string began_from{};
  std::map<std::string, double> real_seconds{};
};
[[nodiscard]] std::string to_json(const SealedRecord& record, const SealedTaken& taken);
// It may come from a stranger: limits of the machine are checked, whatever is missing is kInvalid.
[[nodiscard]] Result<SealedRecord> parse_sealed_record(const std::string& text);

// What names snapshots: machines with the same are interchangeable.  `files` is not part of it.
[[nodiscard]] std::string identity_of(const SealedHashes& hashes);

// One line for each thing that is not as recorded: "kernel: recorded 6.1.0-56 (ab12…), here
// 6.1.0-57 (cd34…)".
[[nodiscard]] std::vector<std::string> differences(const SealedRecord& recorded,
                                                   const SealedRecord& here);

}  // namespace squall
