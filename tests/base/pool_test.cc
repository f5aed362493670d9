// The pool calls every part once, whatever the number of threads.
#include "base/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace squall {
namespace {

class PoolOf : public testing::TestWithParam<unsigned> {};

TEST_P(PoolOf, CallsEveryPartOnce) {
  Pool pool(GetParam());
  std::vector<std::atomic<int>> calls(1000);
  pool.for_each(calls.size(), [&](std::size_t i) { ++calls[i]; });
  for (const std::atomic<int>& count : calls) EXPECT_EQ(count, 1);
}

TEST_P(PoolOf, IsUsedAgain) {
  Pool pool(GetParam());
  std::atomic<std::size_t> sum = 0;
  for (std::size_t round = 0; round < 200; ++round) {
    pool.for_each(round, [&](std::size_t i) { sum += i; });
  }
  std::size_t expected = 0;
  for (std::size_t round = 0; round < 200; ++round) expected += round * (round - 1) / 2;
  EXPECT_EQ(sum, expected);
}

INSTANTIATE_TEST_SUITE_P(Threads, PoolOf, testing::Values(0U, 1U, 2U, 8U));

TEST(Pool, NoneIsTheCallersOwnThread) {
  std::vector<std::size_t> order;
  for_each(nullptr, 3, [&](std::size_t i) { order.push_back(i); });
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2}));
}

}  // namespace
}  // namespace squall
