// Mounts and the host name of our own mount and UTS namespaces.  Call these only after unsharing:
// in the machine's own namespace they would change the machine.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace squall {

// Nothing mounted from now on is seen outside, and nothing mounted outside is seen here.
[[nodiscard]] Result<> make_mounts_private();
// An empty memory file system over an existing directory.  size_limit in bytes.
[[nodiscard]] Result<> mount_tmpfs(const std::string& directory, std::uint64_t size_limit);
// Shows the file or directory `from` at `to`, which must exist.
[[nodiscard]] Result<> bind_mount(const std::string& from, const std::string& to);
[[nodiscard]] Result<> bind_mount_read_only(const std::string& from, const std::string& to);
// A fresh /proc that shows the current PID namespace: for the first process in it.
[[nodiscard]] Result<> mount_proc(const std::string& directory = "/proc");
// Lazily; fine when nothing is mounted there.
[[nodiscard]] Result<> unmount(const std::string& path);
// At most 64 bytes.
[[nodiscard]] Result<> set_hostname(const std::string& name);

}  // namespace squall
