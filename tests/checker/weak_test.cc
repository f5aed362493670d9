// The weak models and the guarantees of sessions: accept, reject, ignore, prove nothing.
#include <gtest/gtest.h>

#include "tests/checker/history_text.h"
#include "tests/checker/transactions_text.h"

namespace squall {
namespace {

using test::check;
using test::check_transactions;

const char* const kNonRepeatable = "0 ok: w x 1 | 1 ok: w x 2 | 2 ok: r x 1; r x 2 | 3 ok: r x 2";
const char* const kBackInTransaction = "0 ok: w x 1 | 0 ok: w x 2 | 2 ok: r x 2; r x 1";
const char* const kFractured = "0 ok: w x 1; w y 1 | 0 ok: w x 2; w y 2 | 2 ok: r x 2; r y 1";
const char* const kCausality =
    "0 ok: w x 1 | 0 ok: w x 2 | 1 ok: r x 2; w y 1 | 2 ok: r x 1; r y 1";

TEST(ReadCommitted, AllowsNonRepeatableReads) {
  const Verdict verdict = check_transactions("read-committed", kNonRepeatable);
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(verdict.summary, "4 transactions with 3 reads of others' writes are read-committed");
}

TEST(ReadCommitted, RejectsGoingBackWithinATransaction) {
  EXPECT_EQ(check_transactions("read-committed", kBackInTransaction).summary,
            "not read-committed: T2 read x = 1 of T0 after it had read from T1, which wrote x = 2, "
            "yet T1 followed T0 in session 0");
}

TEST(ReadCommitted, RejectsDirtyReads) {
  EXPECT_EQ(check_transactions("read-committed", "0 fail: w x 1 | 1 ok: r x 1").summary,
            "not read-committed: T1 read x = 1, though T0 had aborted (G1a)");
  EXPECT_EQ(check_transactions("read-committed", "0 ok: w x 1; w x 2 | 1 ok: r x 1").summary,
            "not read-committed: T1 read x = 1, while T0 was not done writing (G1b)");
  EXPECT_EQ(check_transactions("read-committed", "0 ok: r x 7").summary,
            "not read-committed: T0 read x = 7, which nobody wrote (unwritten-read)");
  EXPECT_EQ(check_transactions("read-committed", "0 ok: w x 1; r x nil").summary,
            "not read-committed: T0 read x = nil, after its own write of 1 (internal)");
}

TEST(ReadCommitted, RejectsReadingInACircle) {
  EXPECT_EQ(
      check_transactions("read-committed", "0 ok @0-9: r x 1; w y 1 | 1 ok @0-9: r y 1; w x 1")
          .summary,
      "not read-committed: T1 read y = 1 of T0, yet T0 read x = 1 of T1");
}

TEST(ReadCommitted, ProvesNothingFromNothing) {
  const Verdict verdict = check_transactions("read-committed", "0 ok: w x 1 | 1 ok: w x 2");
  EXPECT_EQ(verdict.answer, Answer::kUnknown);
  EXPECT_EQ(verdict.summary, "nobody read what another one wrote: nothing was proven");
}

TEST(ReadAtomic, RejectsNonRepeatableAndFracturedReads) {
  EXPECT_EQ(check_transactions("read-atomic", kNonRepeatable).answer, Answer::kViolated);
  EXPECT_EQ(check_transactions("read-committed:unwritten=initial", kFractured).answer,
            Answer::kViolated);
  EXPECT_EQ(
      check_transactions("read-atomic", kFractured).summary,
      "not read-atomic: T2 read y = 1 of T0 although it had to see all of T1, which wrote y = "
      "2, yet T1 followed T0 in session 0");
  EXPECT_EQ(check_transactions("read-atomic", kCausality).answer, Answer::kValid);
}

TEST(Causal, RejectsEffectsWithoutTheirCauses) {
  EXPECT_EQ(check_transactions("causal", kCausality).summary,
            "not causal: T3 read x = 1 of T0 although T1's x = 2 happened before it, yet T1 "
            "followed T0 in session 0");
}

TEST(Causal, AllowsConcurrentWritesInAnyOrder) {
  EXPECT_EQ(
      check_transactions("causal", "0 ok: w x 1 | 1 ok: w x 2 | 2 ok: r x 2 | 3 ok: r x 1").answer,
      Answer::kValid);
}

TEST(Causal, WhatWasThereBeforeComesFirst) {
  EXPECT_EQ(
      check_transactions("causal", "0 ok: w x 1 | 0 ok: w y 1 | 1 ok: r y 1; r x nil").summary,
      "not causal: T2 read x as it was before any write although T0's x = 1 happened before "
      "it");
}

TEST(Causal, ReadsListsToo) {
  EXPECT_EQ(check_transactions("causal",
                               "0 ok: append x 1 | 1 ok: r x [1]; append x 2 | 2 ok: r x "
                               "[1,2]; append y 1 | 3 ok: r y [1]; r x [1]")
                .answer,
            Answer::kViolated);
}

TEST(ReadYourWrites, OnPlainRegisters) {
  EXPECT_EQ(check("read-your-writes", "0 ok write x 1 | 0 ok write x 2 | 0 ok read x 1").summary,
            "not read-your-writes: T2 read x = 1 of T0 after its own session had written x = 2 in "
            "T1, yet T1 followed T0 in session 0");
  EXPECT_EQ(check("read-your-writes", "0 ok write x 1 | 1 ok write x 2 | 0 ok read x 2").answer,
            Answer::kValid);
  // What another session reads is nobody's own write.
  EXPECT_EQ(check("read-your-writes", "0 ok write x 1 | 0 ok write x 2 | 1 ok read x 1").answer,
            Answer::kValid);
  EXPECT_EQ(check("read-your-writes", "0 ok write x 1 | 0 ok read x nil").answer,
            Answer::kViolated);
}

const char* const kOlder = "0 ok write x 1 | 0 ok write x 2 | 1 ok read x 2 | 1 ok read x 1";

TEST(MonotonicReads, OnPlainRegisters) {
  EXPECT_EQ(check("monotonic-reads", kOlder).summary,
            "not monotonic-reads: T3 read x = 1 of T0 after its session had read T1's x = 2, yet "
            "T1 followed T0 in session 0");
  EXPECT_EQ(check("read-your-writes", kOlder).answer, Answer::kValid);
  EXPECT_EQ(
      check("monotonic-reads", "0 ok write x 1 | 0 ok write x 2 | 1 ok read x 2 | 2 ok read x 1")
          .answer,
      Answer::kValid);
}

TEST(MonotonicReads, TheOrderOfWritesMayBeTold) {
  const char* const kTwoWriters = "0 ok write x 1 | 2 ok write x 2 | 1 ok read x 2 | 1 ok read x 1";
  EXPECT_EQ(check("monotonic-reads", kTwoWriters).answer, Answer::kValid);
  EXPECT_EQ(check("monotonic-reads:order=realtime", kTwoWriters).summary,
            "not monotonic-reads: T3 read x = 1 of T0 after its session had read T1's x = 2, yet "
            "T1 began after T0 had ended");
  EXPECT_EQ(check("monotonic-reads:order=value", kTwoWriters).answer, Answer::kViolated);
}

TEST(MonotonicReads, NobodyKnowsWhatAnUnansweredReadSaw) {
  EXPECT_EQ(
      check("monotonic-reads",
            "0 ok write x 1 | 0 ok write x 2 | 1 ok read x 2 | 1 info read x - | 2 ok read x 2")
          .answer,
      Answer::kValid);
}

TEST(MonotonicWrites, WhoSeesALaterWriteSeesTheEarlierOne) {
  EXPECT_EQ(check_transactions("monotonic-writes",
                               "0 ok: w x 1 | 0 ok: w x 2 | 0 ok: w y 1 | 1 ok: r y 1; r x 1")
                .summary,
            "not monotonic-writes: T3 read x = 1 of T0 together with a write that followed T1's x "
            "= 2 in a session, yet T1 followed T0 in session 0");
  EXPECT_EQ(check_transactions("monotonic-writes",
                               "0 ok: w x 1 | 0 ok: w x 2 | 1 ok: w y 1 | 2 ok: r y 1; r x 1")
                .answer,
            Answer::kValid);
}

TEST(WritesFollowReads, WhoSeesAnAnswerSeesTheQuestion) {
  const char* const kText =
      "0 ok: w x 1 | 0 ok: w x 2 | 1 ok: r x 2 | 1 ok: w y 1 | 2 ok: r y 1; r x 1";
  EXPECT_EQ(check_transactions("writes-follow-reads", kText).summary,
            "not writes-follow-reads: T4 read x = 1 of T0 together with a write that followed a "
            "read of T1's x = 2, yet T1 followed T0 in session 0");
  EXPECT_EQ(check_transactions("monotonic-writes", kText).answer, Answer::kValid);
}

}  // namespace
}  // namespace squall
