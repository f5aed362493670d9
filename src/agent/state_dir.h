// The agent's folder: who may use it, and what is in it.
#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace squall {

[[nodiscard]] std::string journal_path(const std::string& state_dir);
[[nodiscard]] std::string process_table_path(const std::string& state_dir);

// Makes the folder, for its owner only, and takes its lock: one agent at a time.  The lock is held
// while the descriptor is open, also across an agent's hang, and falls with its death.
[[nodiscard]] Result<Fd> lock_state_dir(const std::string& state_dir);

}  // namespace squall
