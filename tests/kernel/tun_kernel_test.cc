// TUN devices: packets, and what their end leaves behind.
#include "kernel/tun.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "kernel/namespaces.h"
#include "kernel/netlink.h"
#include "kernel/wait.h"
#include "tests/support/holder.h"
#include "tests/support/own_namespaces.h"
#include "tests/support/two_nodes.h"

namespace squall {
namespace {

using testing::Contains;
using testing::IsEmpty;

class TunTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped()) return;
    netns_ = must(make_netns());
    const NetnsScope scope = must(NetnsScope::enter(netns_));
    const Result<Tun> tried = open_tun();
    if (!tried.ok()) GTEST_SKIP() << tried.error().what;
  }

  // A TUN device in `netns` that is up, with the address 198.18.7.1/24.
  static Result<Tun> make_tun(const Fd& netns) {
    const NetnsScope scope = TRY(NetnsScope::enter(netns));
    Tun tun = TRY(open_tun("squall%d"));
    Netlink netlink = TRY(Netlink::open());
    TRY(netlink.add_address(tun.name, "198.18.7.1/24"));
    TRY(netlink.set_up(tun.name));
    return tun;
  }

  Fd netns_;
};

// The destination of an IPv4 packet, as its last byte.
int last_byte_of_destination(std::span<const std::uint8_t> packet) {
  return packet[19];
}
bool is_udp_over_v4(std::span<const std::uint8_t> packet) {
  return packet.size() >= 28 && packet[0] >> 4U == 4 && packet[9] == 17;
}

TEST_F(TunTest, PacketsRoutedIntoItAreReadOneByOne) {
  const Tun tun = must(make_tun(netns_));
  EXPECT_EQ(tun.name, "squall0");
  for (const char* ip : {"198.18.7.2", "198.18.7.3", "198.18.7.4"}) {
    UdpProbe probe = must(UdpProbe::open(netns_, {.ip = ip, .port = 9}));
    must(probe.send());
  }
  std::vector<int> seen;
  const auto take = [&seen](std::span<const std::uint8_t> packet) {
    if (is_udp_over_v4(packet)) seen.push_back(last_byte_of_destination(packet));
  };
  EXPECT_EQ(must(read_packets(tun.fd, 1, take)), 1U);
  while (seen.size() < 3 && must(wait_readable(tun.fd, kPatience))) {
    must(read_packets(tun.fd, 100, take));
  }
  EXPECT_THAT(seen, testing::ElementsAre(2, 3, 4));
  EXPECT_EQ(must(read_packets(tun.fd, 100, take)), 0U);
}

TEST_F(TunTest, APacketWrittenIntoItArrivesHere) {
  const Tun tun = must(make_tun(netns_));
  UdpEcho echo = must(UdpEcho::open(netns_, {.ip = "198.18.7.1", .port = 0}));
  // What we send to .2 comes out of the device; turned around, it is a packet from .2 to us.
  UdpProbe probe = must(UdpProbe::open(netns_, {.ip = "198.18.7.2", .port = echo.address().port}));
  must(probe.send());
  std::vector<std::uint8_t> packet;
  while (packet.empty() && must(wait_readable(tun.fd, kPatience))) {
    must(read_packets(tun.fd, 1, [&packet](std::span<const std::uint8_t> read) {
      if (is_udp_over_v4(read)) packet.assign(read.begin(), read.end());
    }));
  }
  ASSERT_FALSE(packet.empty());
  std::swap_ranges(packet.begin() + 12, packet.begin() + 16, packet.begin() + 16);
  EXPECT_TRUE(must(write_packet(tun.fd, packet)));
  EXPECT_TRUE(must(wait_readable(echo.fd(), kPatience)));
}

TEST_F(TunTest, ItVanishesWithItsKilledOwnerAndSoDoItsRoutes) {
  const TwoNodes nodes = must(make_two_nodes());
  Conversation talk = must(open_conversation(nodes, IpFamily::kV4));
  ASSERT_TRUE(is_answered(talk, kPatience));
  Holder owner = must(Holder::start([&nodes]() -> Result<> {
    const auto* tun = new Tun(TRY(make_tun(nodes.left)));  // until the kill
    Netlink netlink = TRY(Netlink::open(nodes.left));
    return netlink.put_route({.to = "198.18.0.2/32", .link = tun->name});
  }));
  Netlink netlink = must(Netlink::open(nodes.left));
  const Route detour{.to = "198.18.0.2/32", .link = "squall0"};
  EXPECT_THAT(must(netlink.routes(kMainTable)), Contains(detour));
  owner.kill();
  EXPECT_EQ(error_of(netlink.link("squall0")), "there is no link 'squall0'");
  EXPECT_THAT(must(netlink.routes(kMainTable)), testing::Not(Contains(detour)));
  EXPECT_TRUE(is_answered(talk, kPatience));
}

TEST_F(TunTest, ATakenOrImpossibleNameIsRefused) {
  const NetnsScope scope = must(NetnsScope::enter(netns_));
  const Tun tun = must(open_tun("taken"));
  EXPECT_EQ(error_of(open_tun("taken")), "make TUN device 'taken': Device or resource busy");
  EXPECT_EQ(error_of(open_tun("")), "'' is not a link name of 1 to 15 bytes");
}

}  // namespace
}  // namespace squall
