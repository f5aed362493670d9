// The order of waiting packets, in virtual time.
#include "kernel/packet_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace squall {
namespace {

MonoTime at(int ms) {
  return {.since_epoch = std::chrono::milliseconds(ms)};
}

bool push(PacketQueue& queue, const std::string& text, int due) {
  return queue.push({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, at(due));
}

// Everything, as "a b c".
std::string drain(PacketQueue& queue) {
  std::string text;
  for (; !queue.is_empty(); queue.pop()) {
    const PacketView packet = queue.first().packet;
    text += (text.empty() ? "" : " ") + std::string(packet.begin(), packet.end());
  }
  return text;
}

TEST(PacketQueue, HandsOutByTimeAndThenByArrival) {
  PacketQueue queue(10'000);
  for (const auto& [text, due] : {std::pair("c", 30), {"a", 10}, {"d", 30}, {"b", 20}, {"e", 30}}) {
    ASSERT_TRUE(push(queue, text, due));
  }
  EXPECT_EQ(queue.next_due(), at(10));
  EXPECT_EQ(drain(queue), "a b c d e");
  EXPECT_EQ(queue.next_due(), std::nullopt);
}

TEST(PacketQueue, RefusesMoreBytesThanItsLimit) {
  PacketQueue queue(2 * (128 + 3));
  EXPECT_TRUE(push(queue, "abc", 1));
  EXPECT_TRUE(push(queue, "def", 1));
  EXPECT_FALSE(push(queue, "g", 1));
  queue.pop();
  EXPECT_TRUE(push(queue, "g", 1));
  EXPECT_EQ(drain(queue), "def g");
}

TEST(PacketQueue, APoppedPacketIsReadableUntilTheNextPush) {
  PacketQueue queue(10'000);
  ASSERT_TRUE(push(queue, "abc", 1));
  const PacketView packet = queue.first().packet;
  queue.pop();
  EXPECT_EQ(std::string(packet.begin(), packet.end()), "abc");
}

// A burst is not remembered in memory for ever, and nothing is mixed up by forgetting it.
TEST(PacketQueue, StartsAfreshAfterABurst) {
  PacketQueue queue(10'000'000);
  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(push(queue, "x", 5000 - i));
  while (!queue.is_empty()) queue.pop();
  ASSERT_TRUE(push(queue, "late", 2));
  ASSERT_TRUE(push(queue, "early", 1));
  EXPECT_EQ(drain(queue), "early late");
}

}  // namespace
}  // namespace squall
