// One process of the stack, as the agent is told to run it, and its readiness.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "agent/launch_skews.h"
#include "base/fd.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "kernel/process.h"

namespace squall {

// What "ready" means; all that are given must hold.
struct ReadyWhen {
  std::string http;  // "http://198.18.0.1:2379/health" answers 2xx
  std::string tcp;   // "198.18.0.1:6379" accepts
  std::string log;   // a regular expression that a line of the log matches
};

struct StackProcess {
  ProcessName name;
  std::vector<std::string> command;
  std::map<std::string, std::string> env;
  std::map<std::string, std::string> files;  // relative to `directory`, written before the start
  std::string directory;
  std::string log_path;
  bool is_restarted_on_failure = false;
  ReadyWhen ready;
  std::string root;
  bool keeps_capabilities = false;
};

// Starts it with Boost.Process: own session, own log, no capabilities, no descriptor of ours.  It
// outlives us.  `search_path` is where its program is looked for, and its PATH.  `mark` goes into
// its environment as SQUALL_PROCESS, by which an agent that died in between finds it again.  With a
// skew, its clock is wrong from the first instruction on; where that cannot be, it runs all the
// same, and whoever looks at its clock finds it right.
[[nodiscard]] Result<ProcessId> start_process(const StackProcess& process,
                                              const std::string& search_path,
                                              const std::string& mark,
                                              const std::optional<LaunchSkew>& skew = {});
// Everything the start needs on disk: the folder, the files.
[[nodiscard]] Result<> prepare_files(const StackProcess& process);
// The process with that mark in its environment; kNotFound when there is none.
[[nodiscard]] Result<ProcessId> find_marked(const std::string& mark);

// One look, at most `timeout` long.  `log_from` is where the log of this start begins, in bytes.
// The answer says what is missing; empty: ready.
[[nodiscard]] Result<std::string> what_is_missing(const StackProcess& process,
                                                  std::uint64_t log_from, Duration timeout);
// A readiness that can never be right is refused before the start.
[[nodiscard]] Result<> check_ready(const ReadyWhen& ready);

}  // namespace squall
