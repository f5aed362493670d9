// The cache of images and snapshots: $SQUALL_CACHE, else $XDG_CACHE_HOME/squall, else
// ~/.cache/squall.  Everything in it can be made again; files appear whole or not at all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace squall {

// Made if it is not there.  kIo when no folder can be.
[[nodiscard]] Result<std::string> cache_folder();

// A file that has no name until it is whole, so that a writer that is killed leaves nothing.
[[nodiscard]] Result<Fd> nameless_file(const std::string& folder);
// Replaces what stood there.
[[nodiscard]] Result<> give_name(const Fd& file, const std::string& path);

// Waits for another process that makes the same thing; released with the descriptor.
[[nodiscard]] Result<Fd> lock_file(const std::string& path);

// Removes the groups of files with the suffixes after NAME that were used longest ago, until at
// most `kept` groups are left; a group's age is that of its first suffix.
void prune_cache(const std::string& folder, const std::vector<std::string>& suffixes,
                 std::size_t kept);
// Marks a file as used now.
void touch(const std::string& path);

}  // namespace squall
