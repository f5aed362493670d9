// The processes an agent has started, as a file: a restarted agent finds them again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "agent/stack_process.h"

namespace squall {

struct ProcessRecord {
  StackProcess spec;
  ProcessId id;      // pid 0: it is being started, or down
  std::string mark;  // in its environment, while it is being started
  std::uint32_t restarts = 0;
  std::uint64_t log_from = 0;  // where the log of the present start begins
  std::string state;           // while down: "exited 1", …
};

struct ProcessTable {
  std::string boot;
  std::map<ProcessName, ProcessRecord> processes;
};

[[nodiscard]] std::string to_json(const ProcessTable& table);
[[nodiscard]] Result<ProcessTable> parse_process_table(std::string_view text);

}  // namespace squall
