// The same run again, from its run file: with this host's programs where they are as recorded, else
// with the machine that the file carries.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "orchestrator/run.h"
#include "orchestrator/sealed_record.h"

namespace squall {

struct ReplaySource {
  std::string run_file;
  SealedRecord record;
  std::string stack;  // the requests, as they were
  std::string go;
  std::string source;  // the scenario as written
};

// kInvalid: not a recording that can be replayed, and why.
[[nodiscard]] Result<ReplaySource> replay_source(const std::string& run_file,
                                                 const Recording& recording);

struct ReplayOptions {
  bool is_cached = true;
  bool is_embedded = false;      // the carried machine even where this host's is the same
  bool is_qemu_trusted = false;  // the carried QEMU may run here: it is a native program
};

// What the replay runs in, known before it starts.
struct ReplayMachine {
  std::vector<std::string> differences{};  // a line for each thing that is not as recorded
  std::string advice{};                    // what else could be had from the run file; "": nothing
};

// As run_sealed (sealed_run.h).
[[nodiscard]] Result<> replay_sealed(const RunSetup& setup, const ReplaySource& source,
                                     const ReplayOptions& options,
                                     const std::function<void(const ReplayMachine&)>& tell);

}  // namespace squall
