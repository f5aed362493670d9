// list-append: every anomaly by hand, with its sentence and what it rules out.
#include <gtest/gtest.h>

#include "tests/checker/transactions_text.h"

namespace squall {
namespace {

using test::check_transactions;
using test::fact;

struct Shown {
  std::string text;       // the history
  std::string anomalies;  // the fact
  std::string ruled_out;  // the fact
  std::string model;      // one that it rules out
  std::string summary;
};

void expect(const Shown& shown) {
  const Verdict verdict = check_transactions("list-append:model=" + shown.model, shown.text);
  EXPECT_EQ(verdict.answer, Answer::kViolated) << shown.text;
  EXPECT_EQ(fact(verdict, "anomalies"), shown.anomalies);
  EXPECT_EQ(fact(verdict, "ruled out"), shown.ruled_out);
  EXPECT_EQ(verdict.summary, shown.summary);
}

TEST(ListAppend, AcceptsWhatHappensInOrder) {
  const Verdict verdict = check_transactions(
      "list-append", "0 ok: append x 1; r x [1] | 1 ok: r x [1]; append x 2 | 0 ok: r x [1,2]");
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(verdict.summary, "3 transactions, nothing rules out strong-serializable");
  EXPECT_EQ(fact(verdict, "anomalies"), "none");
  EXPECT_EQ(fact(verdict, "remaining"), "strong-serializable");
  EXPECT_EQ(verdict.examined, 3U);
}

TEST(ListAppend, G0) {
  expect(
      {"0 ok @0-50: append x 1; append y 1 | 1 ok @1-50: append x 2; append y 2 | "
       "2 ok @60-70: r x [1,2]; r y [2,1]",
       "G0 1", "read-uncommitted", "read-uncommitted",
       "not read-uncommitted: T1 appended 2 to x after T0's 1, yet T0 appended 1 to y after T1's "
       "2 (G0)"});
}

TEST(ListAppend, G1a) {
  expect({"0 fail: append x 1 | 1 ok: r x [1] | 2 ok: append y 1 | 2 ok: r y [1]", "G1a 1",
          "read-committed", "serializable",
          "not serializable: T1 read x as [1], but T0, which appended 1, had aborted (G1a)"});
}

TEST(ListAppend, G1b) {
  expect({"0 ok @0-50: append x 1; append x 2 | 1 ok @0-50: r x [1]", "G1b 1, G-single-item 1",
          "read-committed", "read-committed",
          "not read-committed: T1 read x as [1] while T0 was not done appending to it (G1b)"});
}

TEST(ListAppend, G1c) {
  expect({"0 ok @0-50: append x 1; r y [1] | 1 ok @0-50: append y 1; r x [1]", "G1c 1",
          "read-committed", "snapshot-isolation",
          "not snapshot-isolation: T1 saw T0's append of 1 to x, yet T0 saw T1's append of 1 to y "
          "(G1c)"});
}

TEST(ListAppend, GSingle) {
  expect({"0 ok @0-50: append x 1; append y 1 | 1 ok @0-50: r x [1]; r y [] | 2 ok: r y [1]",
          "G-single-item 1", "consistent-view, repeatable-read", "snapshot-isolation",
          "not snapshot-isolation: T1 did not see T0's append of 1 to y, yet T1 saw T0's append of "
          "1 to x (G-single-item)"});
}

TEST(ListAppend, GNonadjacent) {
  expect(
      {"0 ok @0-90: append x 1 | 1 ok @0-90: r x [1]; r y [] | 2 ok @0-90: append y 1 | "
       "3 ok @0-90: r y [1]; r x []",
       "G-nonadjacent-item 1", "repeatable-read, snapshot-isolation", "snapshot-isolation",
       "not snapshot-isolation: T1 did not see T2's append of 1 to y, T3 saw T2's append of 1 "
       "to y, T3 did not see T0's append of 1 to x, yet T1 saw T0's append of 1 to x "
       "(G-nonadjacent-item)"});
}

const char* const kWriteSkew =
    "0 ok @0-50: append x 1; r y [] | 1 ok @0-50: append y 1; r x [] | 2 ok: r x [1]; r y [1]";

TEST(ListAppend, G2) {
  expect({kWriteSkew, "G2-item 1", "repeatable-read", "serializable",
          "not serializable: T0 did not see T1's append of 1 to y, yet T1 did not see T0's append "
          "of 1 to x (G2-item)"});
}

TEST(ListAppend, SnapshotIsolationAllowsWriteSkew) {
  const Verdict verdict = check_transactions("list-append:model=snapshot-isolation", kWriteSkew);
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(verdict.summary, "3 transactions, nothing rules out snapshot-isolation");
  EXPECT_EQ(fact(verdict, "remaining"), "update-serializable, strong-snapshot-isolation");
}

TEST(ListAppend, ASessionMayNotGoBack) {
  expect({"0 ok @0-1: append x 1 | 0 ok @1-2: r x [] | 1 ok @50-60: r x [1]",
          "G-single-item-process 1", "strong-session-snapshot-isolation",
          "strong-session-serializable",
          "not strong-session-serializable: T1 did not see T0's append of 1 to x, yet T1 followed "
          "T0 in session 0 (G-single-item-process)"});
}

TEST(ListAppend, NobodyMayGoBackInTime) {
  const char* const kStale = "0 ok: append x 1 | 1 ok: r x [] | 2 ok: r x [1]";
  expect({kStale, "G-single-item-realtime 1", "strong-snapshot-isolation", "strict-serializable",
          "not strong-serializable: T1 did not see T0's append of 1 to x, yet T1 began after T0 "
          "had ended (G-single-item-realtime)"});
  EXPECT_EQ(check_transactions("list-append:model=strong-session-serializable", kStale).answer,
            Answer::kValid);
}

TEST(ListAppend, WhatTouchesIsConcurrent) {
  EXPECT_EQ(check_transactions("list-append",
                               "0 ok @0-10: append x 1 | 1 ok @10-20: r x [] | 2 ok: r x [1]")
                .answer,
            Answer::kValid);
}

TEST(ListAppend, Internal) {
  expect({"0 ok: append x 1 | 1 ok: r x [1]; append x 2; r x [1] | 2 ok: r x [1,2]", "internal 1",
          "read-atomic", "read-atomic",
          "not read-atomic: T1 read x as [1] after it had read [1] and appended [2] (internal)"});
}

TEST(ListAppend, FutureRead) {
  expect({"0 ok: r x [1]; append x 1 | 1 ok: r x [1]", "future-read 1", "read-committed",
          "read-committed",
          "not read-committed: T0 read x as [1] and only then appended 1 (future-read)"});
}

TEST(ListAppend, DirtyUpdate) {
  expect({"0 fail: append x 1 | 1 ok: append x 2 | 2 ok: r x [1,2]", "dirty-update 1, G1a 1",
          "read-committed", "read-committed",
          "not read-committed: T1 appended 2 to x on top of 1, which T0 appended and aborted "
          "(dirty-update); 1 more anomaly"});
}

TEST(ListAppend, LostUpdate) {
  const Verdict verdict = check_transactions(
      "list-append:anomaly=lost-update",
      "0 ok @0-50: r x []; append x 1 | 1 ok @0-50: r x []; append x 2 | 2 ok: r x [1,2]");
  EXPECT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary,
            "lost-update: T0 and T1 both appended to x having read it as [] (lost-update)");
  EXPECT_EQ(fact(verdict, "ruled out"), "cursor-stability, update-atomic");
}

TEST(ListAppend, IncompatibleOrder) {
  expect({"0 ok: append x 1 | 0 ok: append x 2 | 1 ok: r x [1,2] | 2 ok: r x [2]",
          "incompatible-order 1", "read-committed", "read-committed",
          "not read-committed: T3 read x as [2], which does not fit to [1,2] that was read, too "
          "(incompatible-order)"});
}

TEST(ListAppend, DuplicateElements) {
  expect({"0 ok: append x 1 | 0 ok: append x 2 | 1 ok: r x [1,2,1]", "duplicate-elements 1",
          "read-uncommitted", "read-uncommitted",
          "not read-uncommitted: x holds 1 twice: [1,2,1] (duplicate-elements)"});
}

TEST(ListAppend, AnElementOfNobody) {
  expect({"0 ok: append x 1 | 1 ok: r x [1,7]", "unwritten-read 1", "read-uncommitted",
          "read-uncommitted",
          "not read-uncommitted: T1 read x as [1,7], but nobody appended 7 (unwritten-read)"});
}

TEST(ListAppend, WhatNobodyLearntMayHaveHappenedOrNot) {
  EXPECT_EQ(
      check_transactions("list-append", "0 info: append x 1 | 1 ok: append x 2 | 2 ok: r x [2]")
          .answer,
      Answer::kValid);
  EXPECT_EQ(
      check_transactions("list-append", "0 info: append x 1 | 1 ok: append x 2 | 2 ok: r x [2,1]")
          .answer,
      Answer::kValid);
  // Not before it was asked for, though.
  EXPECT_EQ(check_transactions("list-append", "0 ok: r x [1] | 1 info: append x 1").answer,
            Answer::kViolated);
}

TEST(ListAppend, WhatNobodyReadComesLast) {
  // T0 and T1 each missed the other's append, which nobody saw either.
  EXPECT_EQ(check_transactions("list-append:model=serializable",
                               "0 ok @0-50: append x 1; r y [] | 1 ok @0-50: append y 1; r x []")
                .answer,
            Answer::kViolated);
}

TEST(ListAppend, ProvesNothingFromNothing) {
  EXPECT_EQ(check_transactions("list-append", "0 fail: append x 1").summary,
            "no transaction took effect");
  const Verdict apart = check_transactions("list-append", "0 ok: append x 1 | 1 ok: append y 1");
  EXPECT_EQ(apart.answer, Answer::kUnknown);
  EXPECT_EQ(apart.summary, "no transaction of 2 saw or overwrote another's: nothing was proven");
}

TEST(ListAppend, ElementsThatAreAppendedTwiceProveNothing) {
  const Verdict verdict =
      check_transactions("list-append", "0 ok: append x 1 | 1 ok: append x 1 | 2 ok: r x [1]");
  EXPECT_EQ(verdict.answer, Answer::kUnknown);
  EXPECT_EQ(verdict.summary,
            "T0 and T1 both appended 1 to x, so that nobody can tell them apart: whether "
            "strong-serializable holds is open");
}

TEST(ListAppend, HonoursTheMemoryLimit) {
  const Verdict verdict =
      run_check(parse_check("list-append").value(),
                test::transactions("0 ok: append x 1 | 1 ok: r x [1]"), Budget{.memory = 64});
  EXPECT_EQ(verdict.answer, Answer::kUnknown);
  EXPECT_EQ(verdict.summary,
            "memory: 2 transactions need 0 MiB, over the limit of 0 MiB; nothing was checked");
}

TEST(ListAppend, KnowsItsAnomalies) {
  EXPECT_EQ(parse_check("list-append:anomaly=G3").error().what,
            "check 'list-append': there is no anomaly 'G3'; did you mean 'G1'?");
}

}  // namespace
}  // namespace squall
