// From nothing, a booted snapshot or a ready one to a finished run: which snapshot serves, what is
// said to the machine where it stands still, and what came out.
//
//   nothing ──boot──▶ booted ──stack request──▶ ready ──go request──▶ done
//                       └ snapshot of the image   └ snapshot of image and stack
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "arena/sealed/machine.h"
#include "base/result.h"

namespace squall {

struct SealedPlan {
  MachineConfig machine;
  std::string identity;   // hash over image, kernel, QEMU and firmware
  std::string stack;      // StackRequest as JSON: its very bytes, since reading them takes time
  std::string go;         // GoRequest, as well
  std::string cache;      // folder for snapshots
  bool is_cached = true;  // false: boot, keep nothing
  // Without a heartbeat: processor time, so that a busy host is no hang, and real time.
  Duration patience = std::chrono::minutes(3);
  Duration real_patience = std::chrono::minutes(15);
  std::function<void(const std::string&)> tell{};  // what the lab says, as it comes
  std::function<void(const std::string&)> progress{};
  std::function<bool()> goes_on{};  // false: interrupted
};

// Real seconds, by part.
using SealedTimes = std::map<std::string, double>;

struct SealedOutcome {
  std::string run_file;  // its bytes; "": the machine failed
  std::string facts;     // JSON of the machine: busy_percent, virtual_ns
  std::string failure;   // why there is no run file
  std::string console;
  std::string began_from;  // "boot", "booted snapshot", "ready snapshot"
  SealedTimes times;
};

// An error: QEMU could not be started, or somebody interrupted (kAborted).  What went wrong inside
// the machine is in the outcome.
[[nodiscard]] Result<SealedOutcome> run_machine(const SealedPlan& plan);

}  // namespace squall
