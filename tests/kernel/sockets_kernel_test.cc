// Sockets of other namespaces, and probes that are not answered.
#include "kernel/sockets.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "kernel/namespaces.h"
#include "kernel/nftables.h"
#include "tests/support/own_namespaces.h"
#include "tests/support/two_nodes.h"

namespace squall {
namespace {

using SocketsTest = KernelTest;

TEST_F(SocketsTest, ATcpConnectionIsMadeFromAnotherNamespace) {
  const TwoNodes nodes = must(make_two_nodes());
  Conversation warm = must(open_conversation(nodes, IpFamily::kV6));
  ASSERT_TRUE(is_answered(warm, kPatience));
  const Fd listener = must(open_socket(nodes.right, IpFamily::kV6, SocketKind::kTcp));
  must(bind_socket(listener, {.ip = "fd00::2", .port = 0}));
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  const SocketAddress address = must(bound_address(listener));
  EXPECT_EQ(address.ip, "fd00::2");
  EXPECT_NE(address.port, 0);
  const Fd home = must(current_netns());
  EXPECT_FALSE(bind_socket(must(open_socket(home, IpFamily::kV6, SocketKind::kTcp)), address).ok());
}

TEST_F(SocketsTest, AProbeRefusedByItsOwnHostIsLostAndNoError) {
  const TwoNodes nodes = must(make_two_nodes());
  Conversation talk = must(open_conversation(nodes, IpFamily::kV4));
  Nft nft = must(Nft::open(nodes.left));
  must(nft.run("add table inet t { chain out { type filter hook output priority 0; drop; }; }"));
  const std::uint64_t number = must(talk.probe.send());
  EXPECT_FALSE(must(talk.probe.wait_for(number, Duration(0))));
  must(nft.run("delete table inet t"));
  EXPECT_TRUE(is_answered(talk, kPatience));
}

TEST_F(SocketsTest, AProbeToAPortThatNobodyListensOnIsLostAndNoError) {
  const TwoNodes nodes = must(make_two_nodes());
  UdpProbe probe = must(UdpProbe::open(nodes.left, {.ip = "198.18.0.2", .port = 9}));
  for (int count = 0; count < 3; ++count) {
    const std::uint64_t number = must(probe.send());
    EXPECT_FALSE(must(probe.wait_for(number, std::chrono::milliseconds(20))));
  }
}

TEST_F(SocketsTest, AProbeWithoutARouteSaysWhereItWasGoing) {
  const Fd lonely = must(make_netns());
  EXPECT_EQ(error_of(UdpProbe::open(lonely, {.ip = "198.18.0.2", .port = 7})),
            "probe 198.18.0.2 port 7: Network is unreachable");
  EXPECT_EQ(error_of(UdpProbe::open(lonely, {.ip = "eu1", .port = 7})),
            "'eu1' is not an IP address");
}

TEST_F(SocketsTest, RawSendersOfBothFamiliesOpenInTheirNamespace) {
  const Fd netns = must(make_netns());
  for (const IpFamily family : kBothFamilies) {
    EXPECT_EQ(error_of(open_raw_sender(netns, family, 0x5a)), "ok");
  }
}

}  // namespace
}  // namespace squall
