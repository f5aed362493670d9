// The batcher in virtual time.
#include <gtest/gtest.h>

#include <string>

#include "reference/server/batcher_core.h"

namespace squall::reference::server {
namespace {

MonoTime at(std::int64_t us) {
  return {std::chrono::microseconds(us)};
}

// "batch 1+2, expired 3, wake 100": batches by their calls, then what expired, then the next step.
std::string text(const BatchStep& step) {
  std::string out;
  const auto add = [&](const std::string& part) { out += (out.empty() ? "" : ", ") + part; };
  for (const Batch& batch : step.batches) {
    std::string calls;
    for (const QueuedCall& call : batch.calls) {
      calls += (calls.empty() ? "" : "+") + std::to_string(call.number);
    }
    add("batch " + calls);
  }
  for (const CallNumber number : step.expired) add("expired " + std::to_string(number));
  if (step.wake) add("wake " + std::to_string(step.wake->ns() / 1000));
  return out;
}

class Batcher : public testing::Test {
 protected:
  bool offer(CallNumber number, std::int64_t us, std::size_t rows = 1,
             std::optional<std::int64_t> deadline = {}) {
    QueuedCall call{.number = number, .rows = rows};
    if (deadline) call.deadline = at(*deadline);
    return core.offer(call, at(us));
  }
  std::string step(std::int64_t us) { return text(core.step(at(us))); }

  BatcherCore core{
      {.max_batch = 4, .delay = std::chrono::microseconds(100), .queue = 5, .computing = 1}};
};

TEST_F(Batcher, ALoneCallWaitsForOthersAsLongAsTheDelay) {
  ASSERT_TRUE(offer(1, 0));
  EXPECT_EQ(step(0), "wake 100");
  ASSERT_TRUE(offer(2, 60));
  EXPECT_EQ(step(60), "wake 100");
  EXPECT_EQ(step(100), "batch 1+2");
}

TEST_F(Batcher, AFullBatchDoesNotWait) {
  for (CallNumber call = 1; call <= 4; ++call) ASSERT_TRUE(offer(call, 0));
  EXPECT_EQ(step(0), "batch 1+2+3+4");
}

TEST_F(Batcher, ACallThatDoesNotFitStaysForTheNextBatch) {
  ASSERT_TRUE(offer(1, 0, 3));
  ASSERT_TRUE(offer(2, 0, 2));
  EXPECT_EQ(step(0), "batch 1");
  EXPECT_EQ(step(500), "") << "one batch computes at a time";
  core.finish(1);
  EXPECT_EQ(step(500), "batch 2");
}

TEST_F(Batcher, BatchesFormWhileTheEngineComputes) {
  ASSERT_TRUE(offer(1, 0));
  EXPECT_EQ(step(100), "batch 1");
  for (CallNumber call = 2; call <= 4; ++call) ASSERT_TRUE(offer(call, 110));
  EXPECT_EQ(step(300), "");
  core.finish(1);
  EXPECT_EQ(step(300), "batch 2+3+4");
}

TEST_F(Batcher, OneMoreThanTheQueueHoldsIsRefused) {
  for (CallNumber call = 1; call <= 5; ++call) ASSERT_TRUE(offer(call, 0));
  EXPECT_FALSE(offer(6, 0));
  EXPECT_EQ(step(0), "batch 1+2+3+4");
  EXPECT_TRUE(offer(6, 0));
}

TEST_F(Batcher, AnExpiredCallIsDroppedBeforeItIsComputed) {
  ASSERT_TRUE(offer(1, 0, 1, 50));
  ASSERT_TRUE(offer(2, 0));
  EXPECT_EQ(step(0), "wake 50");
  EXPECT_EQ(step(50), "expired 1, wake 100");
  EXPECT_EQ(step(100), "batch 2");
}

TEST_F(Batcher, ACallExpiresInAnEngineThatHangsAndItsBatchStillEnds) {
  ASSERT_TRUE(offer(1, 0, 1, 700));
  EXPECT_EQ(step(100), "batch 1, wake 700");
  EXPECT_EQ(step(700), "expired 1");
  EXPECT_EQ(step(800), "") << "told once";
  EXPECT_EQ(core.computing(), 1U);
  core.finish(1);
  EXPECT_EQ(core.computing(), 0U);
}

TEST_F(Batcher, ADeadlineThatIsNowHasPassed) {
  ASSERT_TRUE(offer(1, 100, 1, 100));
  EXPECT_EQ(step(100), "expired 1");
}

TEST(BatcherLimits, TwoBatchesMayBeUnderWay) {
  BatcherCore core({.max_batch = 1, .queue = 9, .computing = 2});
  for (CallNumber call = 1; call <= 3; ++call) ASSERT_TRUE(core.offer({.number = call}, at(0)));
  EXPECT_EQ(text(core.step(at(0))), "batch 1, batch 2");
  core.finish(2);
  EXPECT_EQ(text(core.step(at(0))), "batch 3");
}

}  // namespace
}  // namespace squall::reference::server
