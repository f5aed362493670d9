// Small files, read and written whole.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace squall {

// The largest file read whole unless the caller says otherwise: 64 MiB.
inline constexpr std::size_t kMaxWholeFile = std::size_t{64} << 20U;

[[nodiscard]] Result<std::string> read_file(const std::string& path,
                                            std::size_t limit = kMaxWholeFile);
// Creates or truncates; not atomic.
[[nodiscard]] Result<> write_file(const std::string& path, std::string_view content);
// Readers see the old content or the new, also after a crash: temporary file, fsync, rename, fsync
// of the directory.
[[nodiscard]] Result<> write_file_durably(const std::string& path, std::string_view content);

}  // namespace squall
