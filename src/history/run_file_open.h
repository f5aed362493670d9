// Opens run files that may come from anywhere: checked before SQLite sees them, and then read with
// everything switched off that a file could use against its reader.
#pragma once

#include <string>

#include "base/result.h"
#include "history/sqlite.h"

namespace squall {

enum class RunFileAccess { kRead, kWrite };
[[nodiscard]] Result<Database> open_run_file(const std::string& path, RunFileAccess access);

}  // namespace squall
