// Result and TRY: values pass, errors gather the attempts of the callers.
#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace squall {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error{Errc::kInvalid, std::to_string(number) + " is odd"};
  return number / 2;
}

Result<int> quarter(int number) {
  const int once = TRY(half(number));
  return TRY(half(once));
}

Result<> must_halve(int number) {
  TRY(half(number).in("halve " + std::to_string(number)));
  return {};
}

TEST(Result, HoldsAValue) {
  const Result<int> result = half(8);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(*result, 4);
}

TEST(Result, TryPassesTheValueOn) {
  EXPECT_EQ(*quarter(12), 3);
}

TEST(Result, TryReturnsTheFirstError) {
  EXPECT_EQ(quarter(3).error().what, "3 is odd");
  EXPECT_EQ(quarter(6).error().what, "3 is odd");
}

TEST(Result, ErrorsReadOutermostFirstAndKeepTheirCode) {
  const Error error = must_halve(5).in("apply cut on eu1").error();
  EXPECT_EQ(error.what, "apply cut on eu1: halve 5: 5 is odd");
  EXPECT_EQ(error.code, Errc::kInvalid);
}

TEST(Result, AnAttemptLeavesAValueAlone) {
  EXPECT_EQ(*half(8).in("halve 8"), 4);
  EXPECT_TRUE(must_halve(8).in("apply").ok());
}

TEST(Result, CarriesTypesThatOnlyMove) {
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
  const auto pass_on = [&make]() -> Result<std::unique_ptr<int>> { return TRY(make()); };
  EXPECT_EQ(**pass_on(), 7);
}

TEST(Result, ValueOrGivesTheOtherOnlyAfterAnError) {
  EXPECT_EQ(half(8).value_or(-1), 4);
  EXPECT_EQ(half(7).value_or(-1), -1);
}

TEST(Result, AFailedSystemCallNamesItsAttempt) {
  const Error error = errno_error("open netns eu1", EACCES);
  EXPECT_EQ(error.what, "open netns eu1: Permission denied");
  EXPECT_EQ(error.code, Errc::kIo);
  EXPECT_EQ(errno_error("connect", ETIMEDOUT).code, Errc::kTimeout);
}

TEST(ResultDeathTest, TheValueOfAnErrorIsOurBug) {
  EXPECT_DEATH((void)half(3).value(), "squall: bug: CHECK\\(ok\\(\\)\\) failed at .*result\\.h");
  EXPECT_DEATH((void)half(4).error(), "squall: bug: CHECK\\(!ok\\(\\)\\) failed at .*result\\.h");
}

}  // namespace
}  // namespace squall
