// When a machine leaves its processor, and for which.
#include "arena/sealed/processor_choice.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

using std::chrono::milliseconds;

TEST(ProcessorChoice, IsCrowdedWhenOthersTakeAThird) {
  EXPECT_FALSE(is_crowded({.ran = milliseconds(300), .waited = milliseconds(0)}));
  EXPECT_FALSE(is_crowded({.ran = milliseconds(200), .waited = milliseconds(100)}));
  EXPECT_TRUE(is_crowded({.ran = milliseconds(150), .waited = milliseconds(150)}));
  EXPECT_FALSE(is_crowded({}));  // it stood still
}

TEST(ProcessorChoice, TakesTheQuietestAndStaysWhereNoneIsQuieter) {
  EXPECT_EQ(quietest({{0, 30}, {1, 10}, {2, 20}}, 0), 1);
  EXPECT_EQ(quietest({{0, 10}, {1, 10}}, 1), 1);
  EXPECT_EQ(quietest({{0, 10}}, 0), 0);
  EXPECT_EQ(quietest({{1, 10}}, 0), 0);  // ours is not ours to use any more
  EXPECT_EQ(quietest({}, 3), 3);
}

}  // namespace
}  // namespace squall
