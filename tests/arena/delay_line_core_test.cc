// The delay line's queues in virtual time, and how it recognises packets.
#include "arena/delay_line_core.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/arena/lab_text.h"

namespace squall {
namespace {

using std::chrono::milliseconds;

constexpr RegionPair kThere{.from = 0, .to = 1};
constexpr RegionPair kBack{.from = 1, .to = 0};

MonoTime at(int ms) {
  return {.since_epoch = milliseconds(ms)};
}

std::vector<std::uint8_t> bytes(const std::string& text) {
  return {text.begin(), text.end()};
}

std::vector<std::uint8_t> ipv4(const char* from, const char* to) {
  std::vector<std::uint8_t> packet(20, 0);
  packet[0] = 0x45;
  EXPECT_EQ(inet_pton(AF_INET, from, packet.data() + 12), 1);
  EXPECT_EQ(inet_pton(AF_INET, to, packet.data() + 16), 1);
  return packet;
}

std::vector<std::uint8_t> ipv6(const char* from, const char* to) {
  std::vector<std::uint8_t> packet(40, 0);
  packet[0] = 0x60;
  EXPECT_EQ(inet_pton(AF_INET6, from, packet.data() + 8), 1);
  EXPECT_EQ(inet_pton(AF_INET6, to, packet.data() + 24), 1);
  return packet;
}

// What is due at `ms`, as "a b c".
std::string due(DelayQueues& queues, int ms) {
  std::string text;
  queues.pop_due(at(ms), [&](PacketView packet, MonoTime) {
    text += (text.empty() ? "" : " ") + std::string(packet.begin(), packet.end());
  });
  return text;
}

TEST(RegionMap, RecognisesBothFamilies) {
  const Result<LabPlan> plan = plan_lab(topology("eu e1 e2 | us e3", ""), true);
  const RegionMap map(*plan);
  EXPECT_EQ(map.classify(ipv4("198.18.1.1", "198.18.2.3")), kThere);
  EXPECT_EQ(map.classify(ipv4("198.18.2.3", "198.18.1.2")), kBack);
  EXPECT_EQ(map.classify(ipv6("fd00:198:18:1::1", "fd00:198:18:2::3")), kThere);
  EXPECT_EQ(map.classify(ipv6("fd00:198:18:2::3", "fd00:198:18:1::1")), kBack);
}

TEST(RegionMap, KnowsNothingOfStrangersAndFragmentsOfHeaders) {
  const Result<LabPlan> plan = plan_lab(topology("eu e1 | us e2", ""), true);
  const RegionMap map(*plan);
  EXPECT_EQ(map.classify(ipv4("198.18.1.1", "192.0.2.1")), std::nullopt);
  EXPECT_EQ(map.classify(ipv6("fe80::1", "ff02::2")), std::nullopt);
  EXPECT_EQ(map.classify(bytes("E")), std::nullopt);
  EXPECT_EQ(map.classify({}), std::nullopt);
}

TEST(DelayQueues, HoldsEachPacketForItsPairsDelay) {
  DelayQueues queues({{kThere, milliseconds(40)}, {kBack, milliseconds(10)}});
  EXPECT_EQ(queues.next_due(), std::nullopt);
  EXPECT_TRUE(queues.push(kThere, bytes("a"), at(0)));
  EXPECT_TRUE(queues.push(kBack, bytes("b"), at(5)));
  EXPECT_EQ(queues.next_due(), at(15));
  EXPECT_EQ(due(queues, 14), "");
  EXPECT_EQ(due(queues, 15), "b");
  EXPECT_EQ(due(queues, 39), "");
  EXPECT_EQ(due(queues, 40), "a");
  EXPECT_EQ(queues.next_due(), std::nullopt);
}

TEST(DelayQueues, NeverReordersAPair) {
  DelayQueues queues({{kThere, milliseconds(40)}, {kBack, milliseconds(40)}});
  std::string expected;
  for (const char letter : std::string("abcdefgh")) {
    EXPECT_TRUE(queues.push(kThere, bytes(std::string(1, letter)), at(7)));
    expected += (expected.empty() ? "" : " ") + std::string(1, letter);
  }
  EXPECT_EQ(due(queues, 47), expected);
}

TEST(DelayQueues, HandsOutInTheOrderOfDueTimesAcrossPairs) {
  DelayQueues queues({{kThere, milliseconds(40)}, {kBack, milliseconds(10)}});
  EXPECT_TRUE(queues.push(kThere, bytes("first"), at(0)));
  EXPECT_TRUE(queues.push(kBack, bytes("last"), at(35)));
  EXPECT_TRUE(queues.push(kThere, bytes("middle"), at(2)));
  EXPECT_EQ(due(queues, 100), "first middle last");
}

TEST(DelayQueues, RefusesAPairWithoutDelay) {
  DelayQueues queues({{kThere, milliseconds(40)}});
  EXPECT_FALSE(queues.push(kBack, bytes("b"), at(0)));
}

TEST(DelayQueues, RefusesMoreThanItsLimit) {
  DelayQueues queues({{kThere, milliseconds(40)}});
  for (std::size_t i = 0; i < kMaxQueuedPackets; ++i) {
    ASSERT_TRUE(queues.push(kThere, bytes("x"), at(0)));
  }
  EXPECT_FALSE(queues.push(kThere, bytes("x"), at(0)));
  queues.pop_due(at(40), [](PacketView, MonoTime) {});
  EXPECT_TRUE(queues.push(kThere, bytes("x"), at(41)));
}

}  // namespace
}  // namespace squall
