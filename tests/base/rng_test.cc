// The one source of choices: repeatable, even, and split by name.
#include "base/rng.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace squall {
namespace {

// These numbers are a promise: a change of them changes what every recorded seed means.  They were
// computed apart, from the paper's definition.
TEST(Rng, ASeedMeansTheSameNumbersForever) {
  Rng rng(7);
  EXPECT_EQ(rng.next(), 0xb358faf74ef9765aU);
  EXPECT_EQ(rng.next(), 0x475c3d964f482cd2U);
  EXPECT_EQ(Rng(7).split("cut").next(), 0x77fcb9c72ec9bb36U);
}

TEST(Rng, DifferentSeedsDiffer) {
  std::set<std::uint64_t> first;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) first.insert(Rng(seed).next());
  EXPECT_EQ(first.size(), 1000U);
}

TEST(Rng, ASplitDependsOnTheSeedAndTheNameOnly) {
  Rng drawn(7);
  for (int i = 0; i < 100; ++i) (void)drawn.next();
  EXPECT_EQ(drawn.split("cut").next(), Rng(7).split("cut").next());
  EXPECT_NE(Rng(7).split("cut").next(), Rng(7).split("pause").next());
  EXPECT_NE(Rng(7).split("cut").next(), Rng(8).split("cut").next());
  EXPECT_NE(Rng(7).split("").next(), Rng(7).next());
}

TEST(Rng, BelowReachesEveryValueAboutEquallyOften) {
  Rng rng(1);
  std::array<int, 6> seen{};
  for (int i = 0; i < 60'000; ++i) ++seen.at(rng.below(6));
  for (const int count : seen) {
    // Ten standard deviations (√(60000·1/6·5/6) = 91) around the mean; the seed is fixed.
    EXPECT_NEAR(count, 10'000, 910);
  }
}

TEST(Rng, BelowOneIsZeroAndTheLargestBoundWorks) {
  Rng rng(1);
  EXPECT_EQ(rng.below(1), 0U);
  EXPECT_LT(rng.below(~std::uint64_t{0}), ~std::uint64_t{0});
}

TEST(Rng, UnitStaysBelowOneAndIsCentred) {
  Rng rng(3);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double drawn = rng.unit();
    ASSERT_GE(drawn, 0.0);
    ASSERT_LT(drawn, 1.0);
    sum += drawn;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.03);
}

TEST(RngDeathTest, ABoundOfZeroIsOurBug) {
  EXPECT_DEATH((void)Rng(1).below(0), "CHECK\\(bound > 0\\)");
}

}  // namespace
}  // namespace squall
