// Reads a file that may be compressed.  What it is, its first bytes say, not its name.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace squall {

// Plain, gzip (RFC 1952) or Zstandard (RFC 8878); several members or frames in a row are one text.
// More than `limit` bytes unpacked is an error, so that a small file cannot eat the memory.
[[nodiscard]] Result<std::string> read_unpacked(const std::string& path, std::size_t limit);

}  // namespace squall
