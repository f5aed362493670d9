// Files of /proc, /sys and cgroups: read whole, written in one write(2), never created.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace squall {

// errno_error(), with kNotFound when the file, process or device is not there (ENOENT, ESRCH,
// ENODEV) and kUnsupported when the kernel does not know the call (ENOSYS, EOPNOTSUPP).
[[nodiscard]] Error kernel_error(const std::string& attempt, int error = errno);
[[nodiscard]] Result<std::string> read_pseudo_file(const std::string& path);
[[nodiscard]] Result<> write_pseudo_file(const std::string& path, std::string_view text);
// The text without its final newline.
[[nodiscard]] std::string_view without_newline(std::string_view text);

}  // namespace squall
