// Folders that a long command works in, one at a time.
#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace squall {

[[nodiscard]] Result<> make_folder(const std::string& path);
// Makes the folder; kInvalid where another process is at work in it.  The lock goes with the
// descriptor, so also with a process that is killed.
[[nodiscard]] Result<Fd> lock_folder(const std::string& path);

}  // namespace squall
