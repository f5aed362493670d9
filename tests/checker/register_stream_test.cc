// register-stream: the checker over the streaming register check.
#include <gtest/gtest.h>

#include "tests/checker/history_text.h"

namespace squall {
namespace {

std::string why(std::string_view text) {
  const Verdict verdict = test::check("register-stream", text);
  return std::string(to_text(verdict.answer)) + ": " + verdict.summary;
}

std::string fact(const Verdict& verdict, std::string_view name) {
  for (const auto& [key, value] : verdict.facts) {
    if (key == name) return value;
  }
  return "";
}

TEST(RegisterStreamChecker, AcceptsWhatWasPossibleWhenItReturned) {
  EXPECT_EQ(why("0 ok write x 1 | 1 ok read x 1 | 0 info write x 2 | 1 ok read x 2"),
            "valid: 2 reads, each possible when it returned");
  EXPECT_EQ(
      why("0 ok read x nil | 0 ok write x 1 | 0 ok write x 2 | 0 ok write x 1 | 1 ok read x 1"),
      "valid: 2 reads, each possible when it returned");
}

TEST(RegisterStreamChecker, NamesTheFirstReturnThatProvesIt) {
  const Verdict verdict = test::check(
      "register-stream", "0 ok write x 1 | 0 ok write x 2 | 1 ok read x 1 | 1 ok read x nil");
  EXPECT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary,
            "key x: process 1 read 1 (operation 2), the first return that proves that no order "
            "explains the history");
  EXPECT_EQ(fact(verdict, "proven at"), "25ms");
}

TEST(RegisterStreamChecker, AWriteThatFailedAfterItWasSeenIsNamed) {
  EXPECT_EQ(why("0 fail write x 1 @0-50 | 1 ok read x 1 @10-20"),
            "violated: key x: process 0 failed to write 1 (operation 0), the first return that "
            "proves that no order explains the history");
}

TEST(RegisterStreamChecker, LeavesOtherClassesAlone) {
  EXPECT_EQ(why("0 ok write x 1 @0-20 | 1 ok write x 1 @10-30 | 1 ok read x 1 @40-45"),
            "unknown: not of this class: a value was written again while the first one could "
            "still be read");
  EXPECT_EQ(why("0 ok cas x [1,2] | 0 ok read x 2"),
            "unknown: operation 0 is neither a read nor a write");
}

TEST(RegisterStreamChecker, ProvesNothingFromNothing) {
  EXPECT_EQ(why(""), "unknown: nobody read");
  EXPECT_EQ(why("0 ok write x 1 | 1 info read x -"), "unknown: nobody read");
}

}  // namespace
}  // namespace squall
