// The queue between the helper threads and the loop.
#include "orchestrator/run_events.h"

#include <gtest/gtest.h>

#include <thread>

namespace squall {
namespace {

TEST(RunEventQueue, GivesEverythingInOrderAndOnce) {
  RunEventQueue queue;
  for (int i = 0; i < 3; ++i) queue.post(UndoFailed{std::to_string(i)});
  std::string order;
  for (const RunEvent& event : queue.take(Duration{0})) order += std::get<UndoFailed>(event).why;
  EXPECT_EQ(order, "012");
  EXPECT_TRUE(queue.take(Duration{0}).empty());
}

TEST(RunEventQueue, WakesWhoeverWaits) {
  RunEventQueue queue;
  const std::jthread poster([&queue] { queue.post(Noted{"e1", "hello"}); });
  EXPECT_EQ(queue.take(std::chrono::minutes(5)).size(), 1U);
}

}  // namespace
}  // namespace squall
