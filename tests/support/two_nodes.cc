// The smallest lab.
#include "tests/support/two_nodes.h"

#include "kernel/link_wait.h"
#include "kernel/namespaces.h"
#include "kernel/netlink.h"
#include "kernel/wait.h"

namespace squall {
namespace {

Result<> connect_node(Netlink& hub, const Fd& node, const std::string& number) {
  const std::string port = "port" + number;
  TRY(hub.add_veth(port, "eth0", node));
  TRY(hub.set_master(port, "bridge"));
  TRY(hub.set_up(port));
  Netlink netlink = TRY(Netlink::open(node));
  TRY(netlink.add_address("eth0", "198.18.0." + number + "/16"));
  TRY(netlink.add_address("eth0", "fd00::" + number + "/64"));
  return netlink.set_up("eth0");
}

}  // namespace

Result<TwoNodes> make_two_nodes() {
  TwoNodes nodes{.hub = TRY(make_netns()), .left = TRY(make_netns()), .right = TRY(make_netns())};
  Netlink hub = TRY(Netlink::open(nodes.hub));
  TRY(hub.add_bridge("bridge"));
  TRY(hub.set_up("bridge"));
  TRY(connect_node(hub, nodes.left, "1"));
  TRY(connect_node(hub, nodes.right, "2"));
  TRY(wait_until_running(nodes.hub, {"bridge", "port1", "port2"}, kPatience));
  TRY(wait_until_running(nodes.left, {"eth0"}, kPatience));
  TRY(wait_until_running(nodes.right, {"eth0"}, kPatience));
  return nodes;
}

Result<Conversation> open_conversation(const TwoNodes& nodes, IpFamily family) {
  const std::string ip = family == IpFamily::kV4 ? "198.18.0.2" : "fd00::2";
  UdpEcho echo = TRY(UdpEcho::open(nodes.right, {.ip = ip, .port = 0}));
  UdpProbe probe = TRY(UdpProbe::open(nodes.left, echo.address()));
  return Conversation{.echo = std::move(echo), .probe = std::move(probe)};
}

bool is_answered(Conversation& talk, Duration patience) {
  const Result<std::uint64_t> number = talk.probe.send();
  CHECK(number.ok());
  if (!wait_readable(talk.echo.fd(), patience).value_or(false)) return false;
  CHECK(talk.echo.answer().ok());
  return talk.probe.wait_for(*number, patience).value_or(false);
}

}  // namespace squall
