// Links, addresses, routes and rules, on links of our own.
#include "kernel/netlink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>

#include "kernel/link_wait.h"
#include "kernel/namespaces.h"
#include "kernel/sysctl.h"
#include "tests/support/own_namespaces.h"
#include "tests/support/two_nodes.h"

namespace squall {
namespace {

using testing::Contains;
using testing::Not;

class NetlinkTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped()) return;
    netns_ = must(make_netns());
    peer_ = must(make_netns());
    netlink_.emplace(must(Netlink::open(netns_)));
    must(netlink_->add_veth("here", "there", peer_));
    must(netlink_->set_up("here"));
    Netlink peer = must(Netlink::open(peer_));
    must(peer.set_up("there"));
  }

  Fd netns_;
  Fd peer_;
  std::optional<Netlink> netlink_;
};

TEST_F(NetlinkTest, DatagramsCrossABridgeInBothFamilies) {
  const TwoNodes nodes = must(make_two_nodes());
  for (const IpFamily family : kBothFamilies) {
    Conversation talk = must(open_conversation(nodes, family));
    EXPECT_TRUE(is_answered(talk, kPatience)) << (family == IpFamily::kV4 ? "IPv4" : "IPv6");
  }
}

TEST_F(NetlinkTest, APeerIsBornInItsNamespace) {
  Netlink peer = must(Netlink::open(peer_));
  EXPECT_EQ(must(peer.link("there")).kind, "veth");
  EXPECT_EQ(error_of(netlink_->link("there")), "there is no link 'there'");
}

TEST_F(NetlinkTest, ALinkIsChangedInEachOfItsProperties) {
  must(netlink_->add_bridge("br"));
  must(netlink_->set_down("here"));
  must(netlink_->rename("here", "renamed"));
  must(netlink_->set_mtu("renamed", 1400));
  must(netlink_->set_mac("renamed", "02:00:c6:12:00:01"));
  must(netlink_->set_master("renamed", "br"));
  Link link = must(netlink_->link("renamed"));
  link.index = 0;
  const Link wanted{.index = 0,
                    .name = "renamed",
                    .kind = "veth",
                    .mac = "02:00:c6:12:00:01",
                    .master = "br",
                    .mtu = 1400,
                    .is_up = false,
                    .is_running = false};
  EXPECT_EQ(link, wanted);
  must(netlink_->set_up("renamed"));
  EXPECT_TRUE(must(netlink_->link("renamed")).is_up);
}

TEST_F(NetlinkTest, ALinkMovesToAnotherNamespace) {
  const Fd third = must(make_netns());
  must(netlink_->move_link("here", third));
  EXPECT_FALSE(netlink_->link("here").ok());
  Netlink netlink = must(Netlink::open(third));
  EXPECT_EQ(must(netlink.link("here")).kind, "veth");
}

TEST_F(NetlinkTest, AVethRunsOnceBothItsEndsAreUp) {
  must(wait_until_running(netns_, {"here", "lo"}, kPatience));
  EXPECT_TRUE(must(netlink_->link("here")).is_running);
  Netlink peer = must(Netlink::open(peer_));
  must(peer.set_down("there"));
  while (must(netlink_->link("here")).is_running) ::sched_yield();
  EXPECT_EQ(error_of(wait_until_running(netns_, {"lo", "here"}, std::chrono::milliseconds(1))),
            "link 'here' did not begin to pass packets within 1ms");
}

TEST_F(NetlinkTest, RemovingALinkTakesItsPeerAndSucceedsTwice) {
  must(netlink_->remove_link("here"));
  must(netlink_->remove_link("here"));
  Netlink peer = must(Netlink::open(peer_));
  EXPECT_FALSE(peer.link("there").ok());
}

TEST_F(NetlinkTest, AddressesComeAndGo) {
  must(netlink_->add_address("here", "198.18.1.1/24"));
  must(netlink_->add_address("here", "fd00:1::1/64"));
  const LinkAddress v4{.link = "here", .prefix = "198.18.1.1/24"};
  const LinkAddress v6{.link = "here", .prefix = "fd00:1::1/64"};
  EXPECT_THAT(must(netlink_->addresses()), Contains(v4));
  EXPECT_THAT(must(netlink_->addresses()), Contains(v6));
  for (int twice = 0; twice < 2; ++twice) {
    must(netlink_->remove_address("here", v4.prefix));
    must(netlink_->remove_address("here", v6.prefix));
  }
  EXPECT_THAT(must(netlink_->addresses()), Not(Contains(v4)));
  EXPECT_THAT(must(netlink_->addresses()), Not(Contains(v6)));
}

TEST_F(NetlinkTest, RoutesOfBothFamiliesAreReplacedListedAndRemoved) {
  must(netlink_->add_address("here", "198.18.1.1/24"));
  must(netlink_->add_address("here", "fd00:1::1/64"));
  const std::vector<Route> wanted = {
      {.to = "198.18.9.0/24", .via = "198.18.1.2", .link = "here", .table = 77, .metric = 5},
      {.to = "0.0.0.0/0", .link = "here", .table = 77},
      {.to = "fd00:9::/64", .via = "fd00:1::2", .link = "here", .table = 77, .metric = 5},
      {.to = "::/0", .link = "here", .table = 77, .metric = 1024},
  };
  for (const Route& route : wanted) {
    must(netlink_->put_route(route));
    must(netlink_->put_route(route));
  }
  EXPECT_THAT(must(netlink_->routes(77)), testing::UnorderedElementsAreArray(wanted));
  for (const Route& route : wanted) {
    must(netlink_->remove_route(route));
    must(netlink_->remove_route(route));
  }
  EXPECT_THAT(must(netlink_->routes(77)), testing::IsEmpty());
}

TEST_F(NetlinkTest, RulesOfBothFamiliesAreAddedOnceListedAndRemoved) {
  const PolicyRule v4{.priority = 100,
                      .table = 77,
                      .iif = "lo",
                      .from = "198.18.0.0/16",
                      .to = "198.18.3.0/24",
                      .mark = 0x5a,
                      .mark_mask = 0xff};
  const PolicyRule v6{
      .family = IpFamily::kV6, .priority = 101, .table = 300, .mark = 1, .mark_mask = 0xffffffff};
  for (const PolicyRule& rule : {v4, v6}) {
    must(netlink_->put_rule(rule));
    must(netlink_->put_rule(rule));
    const std::vector<PolicyRule> rules = must(netlink_->rules());
    EXPECT_EQ(std::count(rules.begin(), rules.end(), rule), 1);
    must(netlink_->remove_rule(rule));
    must(netlink_->remove_rule(rule));
    EXPECT_THAT(must(netlink_->rules()), Not(Contains(rule)));
  }
}

TEST_F(NetlinkTest, ARouterForwardsBetweenTwoOfItsLinks) {
  const TwoNodes nodes = must(make_two_nodes());
  const Fd far = must(make_netns());
  Netlink right = must(Netlink::open(nodes.right));
  must(right.add_veth("far", "eth0", far));
  must(right.set_up("far"));
  must(right.add_address("far", "198.19.0.1/24"));
  Netlink netlink = must(Netlink::open(far));
  must(netlink.add_address("eth0", "198.19.0.2/24"));
  must(netlink.set_up("eth0"));
  must(netlink.put_route({.to = "0.0.0.0/0", .via = "198.19.0.1"}));
  Netlink left = must(Netlink::open(nodes.left));
  must(left.put_route({.to = "198.19.0.0/24", .via = "198.18.0.2"}));
  {
    const NetnsScope scope = must(NetnsScope::enter(nodes.right));
    must(enable_forwarding());
    EXPECT_EQ(must(read_sysctl("net/ipv6/conf/all/forwarding")), "1");
  }
  UdpEcho echo = must(UdpEcho::open(far, {.ip = "198.19.0.2", .port = 0}));
  UdpProbe probe = must(UdpProbe::open(nodes.left, echo.address()));
  Conversation talk{.echo = std::move(echo), .probe = std::move(probe)};
  EXPECT_TRUE(is_answered(talk, kPatience));
}

TEST_F(NetlinkTest, EachRefusalNamesTheAttempt) {
  EXPECT_EQ(error_of(netlink_->set_up("gone")),
            "set link 'gone' up: find link 'gone': No such device");
  EXPECT_EQ(error_of(netlink_->add_veth("here", "other", peer_)),
            "add veth 'here' with peer 'other': File exists");
  EXPECT_EQ(error_of(netlink_->add_bridge("a-name-of-17-char")),
            "'a-name-of-17-char' is not a link name of 1 to 15 bytes");
  EXPECT_EQ(error_of(netlink_->add_address("here", "198.18.1.x/24")),
            "add address 198.18.1.x/24 to link 'here': '198.18.1.x/24' is not an address");
  EXPECT_EQ(error_of(netlink_->put_route({.to = "198.18.9.0/24", .via = "198.19.0.1"})),
            "put route to 198.18.9.0/24 via 198.19.0.1: Network is unreachable");
  EXPECT_EQ(error_of(netlink_->put_rule({.table = 5})),
            "put policy rule 0 for table 5: a policy rule needs a priority and a table");
}

}  // namespace
}  // namespace squall
