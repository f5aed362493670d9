// A user's regular expression is checked once and never hangs or kills the program.
#include "base/pattern.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

TEST(Pattern, FindsInsideALine) {
  const Result<Pattern> pattern = Pattern::compile("acquired .*revision=\\d+");
  ASSERT_TRUE(pattern.ok());
  EXPECT_TRUE(pattern->is_in("12:00 acquired lock=a revision=17"));
  EXPECT_FALSE(pattern->is_in("12:00 acquired lock=a revision=none"));
}

TEST(Pattern, QuotesABadOne) {
  const Result<Pattern> pattern = Pattern::compile("a(b");
  ASSERT_FALSE(pattern.ok());
  EXPECT_EQ(pattern.error().code, Errc::kInvalid);
  EXPECT_TRUE(pattern.error().what.starts_with("'a(b' is no regular expression: "));
}

TEST(Pattern, GivesUpOnALineThatIsTooHard) {
  const Result<Pattern> pattern = Pattern::compile("((a|b)*|x)*c");
  ASSERT_TRUE(pattern.ok());
  EXPECT_FALSE(pattern->is_in(std::string(4000, 'a')));
}

TEST(Pattern, RefusesAnEndlessPattern) {
  EXPECT_EQ(Pattern::compile(std::string(Pattern::kMaxLength + 1, 'a')).error().what,
            "a regular expression has at most 4096 characters");
}

}  // namespace
}  // namespace squall
