// Bridges, links, addresses, routes and rules over rtnetlink.
#include "arena/lab_network.h"

#include <string>

#include "kernel/namespaces.h"
#include "kernel/netlink.h"
#include "kernel/sysctl.h"

namespace squall {
namespace {

// Below the kernel's own main table (32766), above its local one (0).
constexpr std::uint32_t kFirstRule = 1000;
// Any metric above that of the delay line's own route.
constexpr std::uint32_t kVoidMetric = 9000;

// A reply comes in over the TUN device although its source is reached over a bridge, so reverse
// path filtering must be off.  "default" is what links made later start with.
Result<> set_root_sysctls() {
  TRY(disable_dad());
  TRY(enable_forwarding());
  for (const char* scope : {"all", "default"}) {
    const std::string folder = std::string("net/ipv4/conf/") + scope;
    TRY(write_sysctl(folder + "/rp_filter", "0"));
    TRY(write_sysctl(folder + "/send_redirects", "0"));
  }
  return {};
}

Result<> set_node_sysctls() {
  TRY(disable_dad());
  for (const char* scope : {"all", "default"}) {
    TRY(write_sysctl(std::string("net/ipv4/conf/") + scope + "/rp_filter", "0"));
  }
  // A stack's processes have no capabilities, but a node's ports are all its own.
  return write_sysctl("net/ipv4/ip_unprivileged_port_start", "0");
}

Result<> add_region(Netlink& root, const LabRegion& region) {
  TRY(root.add_bridge(region.bridge));
  TRY(root.set_up(region.bridge));
  TRY(root.add_address(region.bridge, region.gateway4 + "/24"));
  return root.add_address(region.bridge, region.gateway6 + "/64");
}

Result<Fd> add_node(Netlink& root, const LabNode& node, const LabRegion& region) {
  Fd netns = TRY(make_netns());
  {
    const NetnsScope inside = TRY(NetnsScope::enter(netns));
    TRY(set_node_sysctls());
  }
  TRY(root.add_veth(node.veth, "eth0", netns).in("create veth"));
  TRY(root.set_master(node.veth, region.bridge));
  TRY(root.set_up(node.veth));
  Netlink inner = TRY(Netlink::open(netns));
  TRY(inner.set_up("eth0"));
  TRY(inner.add_address("eth0", node.addresses.ipv4 + "/24"));
  TRY(inner.add_address("eth0", node.addresses.ipv6 + "/64"));
  TRY(inner.put_route({.to = "0.0.0.0/0", .via = region.gateway4, .link = "eth0"}));
  TRY(inner.put_route({.to = "::/0", .via = region.gateway6, .link = "eth0"}));
  return netns;
}

Result<> add_void(Netlink& root) {
  TRY(root.add_bridge(kVoidLink));
  TRY(root.set_up(kVoidLink));
  for (const char* everything : {"0.0.0.0/0", "::/0"}) {
    TRY(root.put_route({.to = everything,
                        .via = "",
                        .link = kVoidLink,
                        .table = kDelayTable,
                        .metric = kVoidMetric}));
  }
  return {};
}

// Only what a node sends goes through the delay line: not what comes out of it (its input link is
// the TUN device), and not what the lab's root sends itself.
Result<> add_delay_rules(Netlink& root, const LabPlan& plan) {
  std::uint32_t priority = kFirstRule;
  for (const auto& [pair, delay] : plan.delay) {
    const LabRegion& to = plan.regions[pair.to];
    for (const std::string& prefix : {to.prefix4, to.prefix6}) {
      TRY(root.put_rule({.family = family_of(prefix),
                         .priority = priority,
                         .table = kDelayTable,
                         .iif = plan.regions[pair.from].bridge,
                         .from = "",
                         .to = prefix}));
    }
    ++priority;
  }
  return {};
}

}  // namespace

Result<std::vector<Fd>> build_network(const LabPlan& plan) {
  TRY(set_root_sysctls().in("set the root's network settings"));
  Netlink root = TRY(Netlink::open());
  TRY(root.set_up("lo"));
  for (const LabRegion& region : plan.regions) {
    TRY(add_region(root, region).in("make the bridge of region '" + region.name + "'"));
  }
  if (!plan.delay.empty()) {
    TRY(add_void(root).in("make the route that packets take without a delay line"));
    TRY(add_delay_rules(root, plan).in("make the delay line's rules"));
  }
  std::vector<Fd> nodes;
  for (const LabNode& node : plan.nodes) {
    nodes.push_back(TRY(add_node(root, node, plan.regions[node.region])
                            .in("connect node '" + node.name.get() + "'")));
  }
  return nodes;
}

}  // namespace squall
