// What lies in a model repository folder, without reading the models.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"

namespace squall::reference::server {

// Model → version → stamp.  A stamp changes when the version's files are replaced or changed; it is
// only compared, never read, so it does not matter what the clocks say.
using RepositoryScan = std::map<std::string, std::map<std::int64_t, std::string>>;

// Names that begin with a dot and folders that are no version are passed over.  kIo: the repository
// itself cannot be listed.
[[nodiscard]] Result<RepositoryScan> scan_repository(const std::string& folder);

}  // namespace squall::reference::server
