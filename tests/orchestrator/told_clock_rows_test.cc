// What a skewed process says of the time, beside what was asked for.
#include "orchestrator/told_clock_rows.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TargetedEffect skew(const char* node, const char* process, Duration offset) {
  return {NodeName(node), SkewClock{.process = ProcessName(process), .offset = offset}};
}
const Target kGateway{NodeName("g2"), ProcessName("gateway")};

TEST(ToldClockRows, OffsetsOfOneProcessAddUp) {
  const std::vector<TargetedEffect> active = {
      skew("g2", "gateway", seconds(10)), skew("g2", "gateway", -seconds(4)),
      skew("g1", "gateway", seconds(50)), skew("g2", "etcd", seconds(70))};
  EXPECT_EQ(skew_of(kGateway, active), seconds(6));
  EXPECT_EQ(skew_of(kGateway, {}), seconds(0));
}

TEST(ToldClockRows, AHeaderIsRightToTwoSeconds) {
  const EvidenceRow right =
      told_clock_row(kGateway, "Date header", seconds(10), milliseconds(9120));
  EXPECT_EQ(right.what, "Date header of g2/gateway");
  EXPECT_EQ(right.expected, "10s ± 2s");
  EXPECT_EQ(right.observed, "9.1s");
  EXPECT_EQ(right.grade, "installed");
  EXPECT_TRUE(right.holds);
  EXPECT_FALSE(told_clock_row(kGateway, "Date header", seconds(10), seconds(0)).holds);
  EXPECT_EQ(told_clock_row(kGateway, "TIME", -seconds(90), -seconds(90)).observed, "-90s");
}

}  // namespace
}  // namespace squall
