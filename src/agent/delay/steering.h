// The policy routing that leads marked packets into a TUN device.  The routes vanish with the
// device; the rules would stay, pointing at an empty table, and are therefore in the journal.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "kernel/netlink.h"

namespace squall {

// Every agent has a table of its own, so that nobody removes another's rules.
[[nodiscard]] std::uint32_t steering_table(pid_t agent);
// Marked packets ask `table`, and it sends everything to `link`.
[[nodiscard]] Result<> put_steering(Netlink& netlink, std::uint32_t table, const std::string& link);
// Idempotent.  The routes go with their device.
[[nodiscard]] Result<> remove_steering(Netlink& netlink, std::uint32_t table);

// "routing rules for table 5354" and back; kInvalid for another text.
[[nodiscard]] std::string steering_text(std::uint32_t table);
[[nodiscard]] Result<std::uint32_t> parse_steering_text(const std::string& text);

}  // namespace squall
