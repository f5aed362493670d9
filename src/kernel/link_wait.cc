// Waiting by the kernel's link notifications.
#include "kernel/link_wait.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "kernel/namespaces.h"
#include "kernel/netlink.h"
#include "kernel/pseudo_file.h"
#include "kernel/wait.h"

namespace squall {
namespace {

// Joining a group is not announced, so we look again this often even when no link changes.
constexpr Duration kLookAgain = std::chrono::milliseconds(1);

// A socket that becomes readable when any link of the thread's namespace changes.
Result<Fd> open_link_events() {
  Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  if (!fd.is_open()) return errno_error("open rtnetlink");
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return errno_error("listen for link changes");
  }
  return fd;
}

// What changed is of no interest, since all links are looked at again.
void drain(const Fd& events) {
  std::array<char, 8192> buffer{};
  while (::recv(events.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
  }
}

// The first of `names` that is not running, or an empty text.
Result<std::string> first_idle(Netlink& netlink, const std::vector<std::string>& names) {
  const std::vector<Link> links = TRY(netlink.links());
  for (const std::string& name : names) {
    const bool is_running = std::any_of(links.begin(), links.end(), [&name](const Link& link) {
      return link.name == name && link.is_running;
    });
    if (!is_running) return name;
  }
  return std::string();
}

// As /proc/net/igmp6 writes the group that asks for an address: ff02::1:ff00:0/104 and its last
// three bytes.
Result<std::string> solicited_group(const std::string& prefix) {
  in6_addr address = {};
  const std::string ip = prefix.substr(0, prefix.find('/'));
  if (::inet_pton(AF_INET6, ip.c_str(), &address) != 1) {
    return Error{Errc::kInvalid, "'" + ip + "' is not an IPv6 address"};
  }
  std::array<char, 7> tail{};
  const unsigned char* bytes = address.s6_addr;
  (void)std::snprintf(tail.data(), tail.size(), "%02x%02x%02x", bytes[13], bytes[14], bytes[15]);
  return std::string("ff0200000000000000000001ff") + tail.data();
}

// The first address of the links to whose neighbour group the kernel does not listen yet, or an
// empty text.  Even without duplicate-address detection a kernel worker joins the group, a little
// later.
Result<std::string> first_deaf(Netlink& netlink, const std::vector<std::string>& names) {
  const std::string groups = TRY(read_pseudo_file("/proc/thread-self/net/igmp6"));
  for (const LinkAddress& address : TRY(netlink.addresses())) {
    const bool is_asked = std::find(names.begin(), names.end(), address.link) != names.end();
    const bool is_local = address.prefix.rfind("fe80", 0) == 0 || address.link == "lo";
    if (!is_asked || is_local || family_of(address.prefix) == IpFamily::kV4) continue;
    const std::string group = TRY(solicited_group(address.prefix));
    if (groups.find(group) == std::string::npos) return address.prefix;
  }
  return std::string();
}

// What keeps packets from passing, as an error's text, or an empty text.
Result<std::string> obstacle(Netlink& netlink, const std::vector<std::string>& names) {
  const std::string idle = TRY(first_idle(netlink, names));
  if (!idle.empty()) return "link '" + idle + "' did not begin to pass packets";
  const std::string deaf = TRY(first_deaf(netlink, names));
  if (!deaf.empty()) return "address " + deaf + " did not begin to answer its neighbours";
  return std::string();
}

}  // namespace

Result<> wait_until_running(const Fd& netns, const std::vector<std::string>& links,
                            Duration timeout) {
  const NetnsScope scope = TRY(NetnsScope::enter(netns));
  const Fd events = TRY(open_link_events());
  Netlink netlink = TRY(Netlink::open());
  const MonoTime until = system_clock().mono() + timeout;
  for (;;) {
    const std::string in_the_way = TRY(obstacle(netlink, links));
    if (in_the_way.empty()) return {};
    const Duration left = until - system_clock().mono();
    if (left <= Duration(0)) {
      return Error{Errc::kTimeout, in_the_way + " within " + to_text(timeout)};
    }
    TRY(wait_readable(events, std::min(left, kLookAgain)));
    drain(events);
  }
}

}  // namespace squall
