// bounded-staleness: how old a read certainly was.
#include <gtest/gtest.h>

#include "tests/checker/history_text.h"

namespace squall {
namespace {

using test::check;

const char* const kStale =
    "0 ok write k1 17 @0-10 | 0 ok write k1 18 @100-8100 | 4 ok read k1 17 @12300-12301 | "
    "4 ok read k1 18 @12400-12401";

TEST(BoundedStaleness, RejectsAReadOlderThanTheBound) {
  const Verdict verdict = check("bounded-staleness:bound=1s", kStale);
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary,
            "1 of 2 reads staler than 1s, by up to 4.2s: key k1: process 4 read 17 at 12.3s, 4.2s "
            "after process 0 had replaced it by 18 (operation 1)");
  EXPECT_EQ(verdict.witnesses.at(0).operations, (std::vector<OpIndex>{1, 2}));
  EXPECT_EQ(verdict.facts.at(1), (std::pair<std::string, std::string>("stale reads", "1")));
  EXPECT_EQ(verdict.facts.at(3),
            (std::pair<std::string, std::string>("longest staleness", "4.2s")));
}

TEST(BoundedStaleness, AcceptsWithinTheBound) {
  const Verdict verdict = check("bounded-staleness:bound=5s", kStale);
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(verdict.summary, "2 reads, none staler than 5s (longest: 4.2s)");
}

TEST(BoundedStaleness, OnlyCertainReplacementsCount) {
  // The second write overlaps the first one, so the first may have been the last.
  EXPECT_EQ(check("bounded-staleness:bound=1ms",
                  "0 ok write x 1 @0-10 | 1 ok write x 2 @10-20 | 2 ok read x 1 @900-901")
                .answer,
            Answer::kValid);
  // Nobody knows when a crashed write happened: neither the replaced nor the replacing one.
  EXPECT_EQ(check("bounded-staleness:bound=1ms",
                  "0 info write x 1 @0-10 | 1 ok write x 2 @15-20 | 2 ok read x 1 @900-901")
                .answer,
            Answer::kValid);
  EXPECT_EQ(check("bounded-staleness:bound=1ms",
                  "0 ok write x 1 @0-10 | 1 info write x 2 @15-20 | 2 ok read x 1 @900-901")
                .answer,
            Answer::kValid);
}

TEST(BoundedStaleness, NilIsOldOnceSomethingWasWritten) {
  EXPECT_EQ(
      check("bounded-staleness:bound=100ms", "0 ok write x 1 @0-10 | 2 ok read x nil @200-201")
          .summary,
      "1 of 1 read staler than 100ms, by up to 190ms: key x: process 2 read nil at 200ms, "
      "190ms after process 0 had replaced it by 1 (operation 0)");
}

TEST(BoundedStaleness, RejectsWhatNobodyWrote) {
  EXPECT_EQ(check("bounded-staleness:bound=1h", "0 ok write x 1 | 0 fail write x 2 | 2 ok read x 2")
                .summary,
            "1 read of values that nobody had written: key x: process 2 read 2 at 20ms, which "
            "nobody had written");
  EXPECT_EQ(
      check("bounded-staleness:bound=1h", "2 ok read x 7 @0-1 | 0 ok write x 7 @10-20").answer,
      Answer::kViolated);
  EXPECT_EQ(check("bounded-staleness:bound=1h,init=7", "2 ok read x 7 @0-1").answer,
            Answer::kValid);
}

TEST(BoundedStaleness, ReadsOfAnotherClientOrName) {
  const char* const kText =
      "w/0 ok write x 1 @0-10 | w/0 ok write x 2 @20-30 | r/1 ok read x 1 @900-901 | "
      "w/0 ok stale-read x 1 @800-801 | w/0 ok read x 2 @700-701";
  EXPECT_EQ(check("bounded-staleness:bound=1ms,client=w", kText).answer, Answer::kValid);
  EXPECT_EQ(check("bounded-staleness:bound=1ms,client=w,reader=r", kText).answer,
            Answer::kViolated);
  EXPECT_EQ(check("bounded-staleness:bound=1ms,client=w,read=stale-read", kText).answer,
            Answer::kViolated);
}

TEST(BoundedStaleness, ClockErrorsShortenIt) {
  EXPECT_EQ(check("bounded-staleness:bound=100ms",
                  "0±20 ok write x 1 @0-10 | 1±20 ok read x nil @149-150")
                .answer,
            Answer::kValid);
  EXPECT_EQ(check("bounded-staleness:bound=100ms",
                  "0±20 ok write x 1 @0-10 | 1±20 ok read x nil @151-152")
                .answer,
            Answer::kViolated);
}

TEST(BoundedStaleness, ProvesNothingFromNothing) {
  EXPECT_EQ(check("bounded-staleness:bound=1s", "0 ok write x 1 | 1 info read x -").summary,
            "no read was acknowledged");
  EXPECT_EQ(check("bounded-staleness:bound=1s", "").answer, Answer::kUnknown);
}

}  // namespace
}  // namespace squall
