// Two network namespaces on a bridge in a third, with IPv4 and IPv6: the smallest lab.
#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "kernel/ip_family.h"
#include "kernel/sockets.h"

namespace squall {

struct TwoNodes {
  Fd hub;
  Fd left;   // 198.18.0.1/16, fd00::1/64 on "eth0"
  Fd right;  // 198.18.0.2/16, fd00::2/64 on "eth0"
};
Result<TwoNodes> make_two_nodes();

// left asks, right answers.
struct Conversation {
  UdpEcho echo;
  UdpProbe probe;
};
Result<Conversation> open_conversation(const TwoNodes& nodes, IpFamily family);
// One datagram there and back.  Waits up to `patience` for each way.
bool is_answered(Conversation& talk, Duration patience);

inline constexpr Duration kPatience = std::chrono::seconds(10);

}  // namespace squall
