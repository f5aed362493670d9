// Kernel settings under /proc/sys.  Those below net/ belong to the calling thread's network
// namespace, so enter it with NetnsScope first.
#pragma once

#include <string>

#include "base/result.h"

namespace squall {

// `name` is the path below /proc/sys, for example "net/ipv4/ip_forward".  (Not dots: interface
// names may hold them.)  The value comes without its final newline.  kNotFound when there is no
// such setting.
[[nodiscard]] Result<std::string> read_sysctl(const std::string& name);
[[nodiscard]] Result<> write_sysctl(const std::string& name, const std::string& value);

// Forwards packets between this namespace's links, for IPv4 and IPv6.
[[nodiscard]] Result<> enable_forwarding();
// No duplicate-address detection and no router solicitations on links made from now on.
[[nodiscard]] Result<> disable_dad();

}  // namespace squall
