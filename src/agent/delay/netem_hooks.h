// Where our ifb is hooked in, remembered by the kernel itself: as the alias of that link.  Death
// between any two steps leaves enough to undo them all.
#pragma once

#include <map>
#include <string>

#include "kernel/netlink.h"
#include "kernel/traffic_control.h"

namespace squall {

// At a link's egress hook, or not for certain yet: it is written down first.
struct NetemHook {
  bool makes_clsact = false;  // there was none before
  friend bool operator==(const NetemHook&, const NetemHook&) = default;
};
using NetemHooks = std::map<int, NetemHook>;  // by the link's index

// "squall: egress of 2+clsact 5" and back; what is not ours gives none.
[[nodiscard]] std::string to_alias(const NetemHooks& hooks);
[[nodiscard]] NetemHooks parse_alias(const std::string& alias);

// As the kernel has it of our link; none without one.
[[nodiscard]] Result<NetemHooks> read_hooks(Netlink& netlink, const std::string& name);
// From now on, marked packets that leave through `link` go through ours.  kUnsupported when
// somebody else filters there.
[[nodiscard]] Result<NetemHook> hook_netem(Netlink& netlink, TrafficControl& traffic,
                                           const std::string& name, int link);
// Nowhere any more: what our link remembers, and what is known beside it in case it is gone.
// Hooks that we made go, unless somebody else has begun to use them.
[[nodiscard]] Result<> unhook_netem(Netlink& netlink, TrafficControl& traffic,
                                    const std::string& name, const NetemHooks& known = {});
[[nodiscard]] Result<bool> is_hooked(TrafficControl& traffic, int link, int our_index);
// Whether every packet has left our link.
[[nodiscard]] Result<bool> is_drained(Netlink& netlink, TrafficControl& traffic,
                                      const std::string& name);

}  // namespace squall
