// The statistics of late and lost packets.
#include "faults/link_quality.h"

#include <gtest/gtest.h>

#include <cmath>

namespace squall {
namespace {

using std::chrono::milliseconds;

TEST(DelayAt, FollowsTheQuantilesOfItsShape) {
  DelaySpec spec{.delay = milliseconds(50), .jitter = milliseconds(10)};
  EXPECT_EQ(delay_at(spec, 0), milliseconds(50));
  EXPECT_EQ(delay_at(spec, 40), milliseconds(60));
  EXPECT_EQ(delay_at(spec, -40), milliseconds(40));
  spec.shape = DelayShape::kNormal;
  EXPECT_EQ(delay_at(spec, 1), milliseconds(60));
  EXPECT_EQ(delay_at(spec, -9), milliseconds(0));  // never negative
  spec.shape = DelayShape::kPareto;
  EXPECT_LT(median_of(spec), milliseconds(50));  // the mean is 50 ms, the tail is on the late side
  EXPECT_EQ(delay_at(spec, 40), kDelayMax);      // and is cut
}

TEST(MakeLoss, IsSolvedForTheLongRun) {
  for (const double share : {0.01, 0.05, 0.5, 0.99}) {
    for (const double burst : {1.0, 2.0, 5.0}) {
      const auto spec = make_loss(share, burst);
      ASSERT_TRUE(spec.ok());
      EXPECT_NEAR(probability_of(*spec), share, 1e-4);
      EXPECT_NEAR(burst_of(*spec), burst, 1e-4);
    }
  }
  EXPECT_FALSE(make_loss(0.05, 1)->is_burst());
  EXPECT_EQ(make_loss(1, 1)->enter, kMillion);
}

TEST(ShareDeviation, IsBinomialWithoutBurstsAndWiderWithThem) {
  EXPECT_NEAR(share_deviation(*make_loss(0.2, 1), 1000), std::sqrt(0.2 * 0.8 / 1000), 1e-6);
  EXPECT_GT(share_deviation(*make_loss(0.2, 5), 1000),
            2 * share_deviation(*make_loss(0.2, 1), 1000));
}

}  // namespace
}  // namespace squall
