// set, counter, queue, total-queue and unique-ids.
#include <gtest/gtest.h>

#include "tests/checker/history_text.h"

namespace squall {
namespace {

std::string why(const Verdict& verdict) {
  return std::string(to_text(verdict.answer)) + ": " + verdict.summary;
}
std::string why(std::string_view request, std::string_view text) {
  return why(test::check(request, text));
}

// ---- set ---------------------------------------------------------------------------------------

TEST(Set, AcceptsALastReadThatHasAllAcknowledgedAdds) {
  EXPECT_EQ(why("set", "0 ok add - 1 | 0 info add - 2 | 0 ok read - [1]"),
            "valid: 1 element in the last read, none lost");
  // An add in vain that took effect all the same.
  EXPECT_EQ(why("set", "0 fail add - 1 | 0 ok read - [1]"),
            "valid: 1 element in the last read, none lost");
}

TEST(Set, RejectsLostAndUnexpectedElements) {
  const Verdict verdict =
      test::check("set", "0 ok add - 1 | 0 ok add - 2 | 0 ok read - [1,2] | 0 ok read - [3]");
  EXPECT_EQ(why(verdict),
            "violated: 2 acknowledged adds missing from the last read (operation 3); first: add 1 "
            "(operation 0) (and 1 more)");
  ASSERT_EQ(verdict.witnesses.size(), 2U);
  EXPECT_EQ(verdict.witnesses[0].operations, (std::vector<OpIndex>{0, 3}));
  EXPECT_EQ(verdict.witnesses[1].why,
            "the last read (operation 3) has 1 element that nobody had tried to add: 3");
}

TEST(Set, IgnoresReadsThatNobodySawAndAddsThatCameAfterTheLastRead) {
  EXPECT_EQ(why("set", "0 ok add - 1 | 0 ok read - [1] | 1 info read - -"),
            "valid: 1 element in the last read, none lost");
  EXPECT_EQ(why("set", "0 ok add - 1 | 0 ok read - [1] | 0 ok add - 2"),
            "unknown: no read began after 1 acknowledged add");
}

TEST(Set, ProvesNothingFromNothing) {
  EXPECT_EQ(why("set", ""), "unknown: the set was never read");
  EXPECT_EQ(why("set", "0 ok add - 1"), "unknown: the set was never read");
}

TEST(Set, EachKeyIsASetOfItsOwn) {
  EXPECT_EQ(why("set", "0 ok add x 1 | 0 ok add y 2 | 0 ok read x [1] | 0 ok read y []"),
            "violated: key y: 1 acknowledged add missing from the last read (operation 3): "
            "add 2 (operation 1)");
}

// ---- counter -----------------------------------------------------------------------------------

TEST(Counter, AcceptsWhatAddsUnderWayExplain) {
  EXPECT_EQ(why("counter", "0 ok add - 1 @0-9 | 1 ok read - 0 @1-2 | 2 ok read - 1 @3-4"),
            "valid: 2 reads within their bounds");
  EXPECT_EQ(why("counter", "0 info add - 5 @0-9 | 1 ok read - 0 @20-21 | 1 ok read - 5 @30-31"),
            "valid: 2 reads within their bounds");
  EXPECT_EQ(why("counter", "0 ok add - -2 @0-9 | 1 ok read - 0 @1-2 | 2 ok read - -2 @3-4"),
            "valid: 2 reads within their bounds");
}

TEST(Counter, RejectsWhatIsOutOfBounds) {
  EXPECT_EQ(why("counter", "0 ok add - 1 | 1 ok read - 0"),
            "violated: process 1 read 0 when the counter was 1 (operation 1)");
  EXPECT_EQ(why("counter", "0 ok add - 1 @0-9 | 1 ok read - 3 @1-2"),
            "violated: process 1 read 3 when the counter was between 0 and 1 (operation 1)");
  EXPECT_EQ(why("counter", "0 ok add x -1 | 1 ok read x 0"),
            "violated: key x: process 1 read 0 when the counter was -1 (operation 1)");
  EXPECT_EQ(why("counter", "0 fail add - 1 | 1 ok read - 1"),
            "violated: process 1 read 1 when the counter was 0 (operation 1)");
}

TEST(Counter, ClockErrorsWidenTheBounds) {
  EXPECT_EQ(test::check("counter", "a/0±3 ok add - 1 @0-5 | a/1±3 ok read - 0 @8-9").answer,
            Answer::kValid);
  EXPECT_EQ(test::check("counter", "a/0±1 ok add - 1 @0-5 | a/1±1 ok read - 0 @8-9").answer,
            Answer::kViolated);
}

TEST(Counter, ProvesNothingFromNothing) {
  EXPECT_EQ(why("counter", ""), "unknown: the counter was never read");
  EXPECT_EQ(why("counter:unread=unknown", "0 ok add - 1 | 1 info read - -"),
            "unknown: the counter was never read");
  EXPECT_EQ(why("counter", "0 ok add - 1 | 1 info read - -"), "valid: 1 add, which nobody read");
}

// ---- queue -------------------------------------------------------------------------------------

TEST(Queue, AcceptsWhatWentIn) {
  EXPECT_EQ(why("queue", "0 ok enqueue - 1 | 1 ok dequeue - 1"),
            "valid: 1 dequeue has its enqueue");
  // Called before the dequeue returned is early enough; and it need not have been acknowledged.
  EXPECT_EQ(why("queue", "1 ok dequeue - 1 @0-9 | 0 info enqueue - 1 @5-"),
            "valid: 1 dequeue has its enqueue");
}

TEST(Queue, RejectsWhatDidNotGoInAsOften) {
  EXPECT_EQ(why("queue", "0 ok dequeue - 1 | 0 ok enqueue - 1"),
            "violated: process 0 dequeued 1 before anybody had tried to enqueue it (operation 0)");
  EXPECT_EQ(why("queue", "0 ok enqueue - 1 | 0 ok dequeue - 1 | 0 ok dequeue - 1"),
            "violated: process 0 dequeued 1 once more than it had been enqueued by then (1) "
            "(operation 2)");
}

TEST(Queue, IgnoresDequeuesThatNobodySawOrThatFoundNothing) {
  EXPECT_EQ(why("queue", "0 ok enqueue - 1 | 1 info dequeue - - | 2 ok dequeue - nil"),
            "valid: 1 dequeue has its enqueue");
  EXPECT_EQ(why("queue", ""), "unknown: nobody used the queue");
}

// ---- total-queue -------------------------------------------------------------------------------

TEST(TotalQueue, AcceptsAQueueThatWasEmptied) {
  EXPECT_EQ(why("total-queue",
                "0 ok enqueue - 1 | 0 ok enqueue - 2 | 0 ok dequeue - 2 | "
                "0 ok drain - [1]"),
            "valid: 2 acknowledged enqueues, all of them came out");
}

TEST(TotalQueue, RejectsLossesAndStrangers) {
  const Verdict verdict = test::check("total-queue", "0 ok enqueue - 1 | 0 ok dequeue - 2");
  EXPECT_EQ(why(verdict), "violated: 1 was enqueued (operation 0) and never came out (and 1 more)");
  EXPECT_EQ(verdict.witnesses.at(1).why,
            "2 came out (operation 1), but nobody had tried to enqueue it");
}

TEST(TotalQueue, DuplicatesAreAViolationOnRequest) {
  const char* const text = "0 ok enqueue - 1 | 0 ok dequeue - 1 | 0 ok dequeue - 1";
  EXPECT_EQ(test::check("total-queue", text).answer, Answer::kValid);
  EXPECT_EQ(why("total-queue:duplicates=violation", text),
            "violated: 1 came out 2 times, but went in only 1 time");
}

TEST(TotalQueue, ACrashedDequeueMayHaveTakenWhatIsMissing) {
  EXPECT_EQ(why("total-queue", "0 ok enqueue - 1 | 1 info dequeue - -"),
            "unknown: 1 acknowledged enqueue never came out, but dequeues that crashed may have "
            "taken as many");
  EXPECT_EQ(why("total-queue", "0 ok enqueue - 1 | 0 ok enqueue - 2 | 1 info dequeue - -"),
            "violated: 1 was enqueued (operation 0) and never came out (and 1 more)");
  EXPECT_EQ(why("total-queue", ""), "unknown: nobody used the queue");
}

// ---- unique-ids --------------------------------------------------------------------------------

TEST(UniqueIds, AcceptsDifferentIdsAndRejectsEqualOnes) {
  EXPECT_EQ(why("unique-ids", "0 ok generate - 1 | 1 ok generate - 2 | 1 fail generate - 2"),
            "valid: 2 ids, all different");
  EXPECT_EQ(why("unique-ids", "0 ok generate - 1 | 1 ok generate - 2 | 2 ok generate - 1"),
            "violated: the id 1 was given out 2 times (operations 0, 2)");
  EXPECT_EQ(why("unique-ids:function=next", "0 ok next x 7 | 0 ok next y 7"),
            "violated: the id 7 was given out 2 times (operations 0, 1)");
}

TEST(UniqueIds, ProvesNothingFromNothing) {
  EXPECT_EQ(why("unique-ids", ""), "unknown: nobody asked for an id");
  EXPECT_EQ(why("unique-ids", "0 info generate - -"), "unknown: nobody was given an id");
}

}  // namespace
}  // namespace squall
