// Steps of a rollout as text.
#include <gtest/gtest.h>

#include "reference/rollout/rollout_plan.h"

namespace squall::reference {
namespace {

using std::chrono::seconds;

const RolloutStep kFirst{.at{}, .activate_in{}, .config = {.epoch = 1, .stable = "1"}};

std::string error_of(const std::vector<std::string>& steps) {
  const auto plan = parse_rollout(kFirst, steps);
  return plan.ok() ? "fine" : plan.error().what;
}

TEST(RolloutPlan, AStepChangesWhatItNames) {
  const auto plan = parse_rollout(kFirst, {"2s:canary=2,canary-percent=12.5",
                                           "8s:epoch=9,stable=2,canary-percent=0,activate-in=2s"});
  ASSERT_TRUE(plan.ok()) << plan.error().what;
  ASSERT_EQ(plan->size(), 3U);
  EXPECT_EQ(plan->at(0), kFirst);
  EXPECT_EQ(
      plan->at(1),
      (RolloutStep{.at = seconds(2),
                   .activate_in{},
                   .config = {.epoch = 2, .stable = "1", .canary = "2", .canary_percent = 12.5}}));
  EXPECT_EQ(plan->at(2), (RolloutStep{.at = seconds(8),
                                      .activate_in = seconds(2),
                                      .config = {.epoch = 9, .stable = "2", .canary = "2"}}));
}

TEST(RolloutPlan, AWrongStepIsQuoted) {
  EXPECT_EQ(error_of({"2s"}), "step '2s': write TIME:NAME=VALUE,…");
  EXPECT_EQ(error_of({"2s:stabel=2"}),
            "step '2s:stabel=2': unknown name 'stabel'; did you mean 'stable'?");
  EXPECT_EQ(error_of({"2s:stable"}), "step '2s:stable': 'stable' has no '='");
  EXPECT_EQ(error_of({"2s:canary-percent=5"}),
            "step '2s:canary-percent=5': a canary percentage without a canary");
  EXPECT_EQ(error_of({"2s:canary-percent=500,canary=2"}),
            "step '2s:canary-percent=500,canary=2': canary-percent: '500' is not a number in its "
            "range");
  EXPECT_EQ(error_of({"2s:epoch=1"}), "step '2s:epoch=1' is not after the one before");
  EXPECT_EQ(error_of({"5s:stable=2", "4s:stable=3"}),
            "step '4s:stable=3' is not after the one before");
}

}  // namespace
}  // namespace squall::reference
