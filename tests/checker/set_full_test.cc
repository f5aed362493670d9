// set-full: what was acknowledged stays, and what is said about what did not.
#include <gtest/gtest.h>

#include "tests/checker/history_text.h"

namespace squall {
namespace {

using test::check;
using test::fault;
using test::recording;

std::string fact(const Verdict& verdict, std::string_view name) {
  for (const auto& [key, value] : verdict.facts) {
    if (key == name) return value;
  }
  return "no such fact";
}

TEST(SetFull, AcceptsWhatTheLastReadReturns) {
  const Verdict verdict = check("set-full", "0 ok add - 1 | 1 ok add - 2 | 2 ok read - [2,1]");
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(verdict.summary, "2 elements added and there to stay, none lost");
  EXPECT_EQ(verdict.examined, 2U);
}

TEST(SetFull, TellsWhenTheLostAddsWereAcknowledged) {
  const Verdict verdict =
      check("set-full", recording("0 ok add - 1 @0-5 | 0 ok add - 204 @4000-4100 | 0 ok add - 205 "
                                  "@9000-9400 | 1 ok read - [1] @12000-12001",
                                  {fault("cut", "network.partition", "r1 | r2, r3", 1000, 11000)}));
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary,
            "2 acknowledged adds lost, all acknowledged 3.1–8.4s after the cut; first: add 204 "
            "(operation 1)");
  EXPECT_EQ(verdict.witnesses.at(0).operations, (std::vector<OpIndex>{1, 3}));
  EXPECT_EQ(fact(verdict, "lost elements"), "204, 205");
}

TEST(SetFull, CountsFromTheStartWhereNoFaultWas) {
  EXPECT_EQ(check("set-full", "0 ok add - 1 @0-2500 | 1 ok read - [] @3000-3001").summary,
            "1 acknowledged add lost, acknowledged 2.5s after the start: add 1 (operation 0)");
}

TEST(SetFull, AnElementThatComesBackIsStaleNotLost) {
  const char* const kText = "0 ok add - 1 | 1 ok read - [] @20-21 | 1 ok read - [1] @30-31";
  const Verdict verdict = check("set-full", kText);
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(fact(verdict, "stale"), "1");
  const Verdict strict = check("set-full:linearizable=true", kText);
  EXPECT_EQ(strict.answer, Answer::kViolated);
  EXPECT_EQ(strict.summary,
            "1 element missing from a read after it was known; longest: 1 (add: operation 0), for "
            "15ms");
}

TEST(SetFull, WhatAReadReturnedMayNotVanishEither) {
  const Verdict verdict =
      check("set-full",
            "0 info add - 1 | 1 ok read - [1] | 1 ok read - [] | 0 ok add - 2 | 1 ok read - [2]");
  EXPECT_EQ(verdict.summary,
            "1 unacknowledged add lost, first read 15ms after the start: add 1 (operation 0)");
}

TEST(SetFull, WhatNobodyAcknowledgedMayBeMissing) {
  EXPECT_EQ(
      check("set-full", "0 info add - 1 | 0 fail add - 2 | 0 ok add - 3 | 1 ok read - [3]").answer,
      Answer::kValid);
}

TEST(SetFull, RejectsDuplicates) {
  EXPECT_EQ(check("set-full", "0 ok add - 1 | 1 ok read - [1,1,1]").summary,
            "1 element returned more than once; first: 1, 3 times by operation 1");
}

const char* const kLossy =
    "0 ok add - 1 @0-5 | 0 ok add - 2 @1500-2000 | 0 ok add - 3 @4000-4400 | 0 ok add - 4 "
    "@8000-8001 | 1 ok read - [1,4] @9000-9001";

TEST(SetFull, ABoundExcusesLossesShortlyAfterTheFault) {
  const std::vector<FaultInterval> cut = {fault("cut", "network.partition", "", 1000, 7000)};
  const Verdict verdict = check("set-full:bounded-loss=4s,fault=cut", recording(kLossy, cut));
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(verdict.summary,
            "2 acknowledged adds lost, the last acknowledged 3.4s after the cut, within the bound "
            "of 4s");
  const Verdict beyond = check("set-full:bounded-loss=2s,fault=cut", recording(kLossy, cut));
  EXPECT_EQ(beyond.answer, Answer::kViolated);
  EXPECT_EQ(beyond.summary,
            "1 acknowledged add lost outside the bound of 2s, acknowledged 3.4s after the cut: add "
            "3 (operation 2)");
  EXPECT_EQ(fact(beyond, "lost"), "2");
}

TEST(SetFull, ABoundCountsApartWhatNobodyAcknowledged) {
  const char* const kText =
      "0 ok add - 2 @1500-2000 | 0 info add - 3 @2100-2500 | 1 ok read - [3] @2600-2700 | "
      "2 ok add - 4 @8000-8001 | 1 ok read - [4] @9000-9001";
  const std::vector<FaultInterval> cut = {fault("cut", "network.partition", "", 1000, 7000)};
  const Verdict verdict = check("set-full:bounded-loss=4s,fault=cut", recording(kText, cut));
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(verdict.summary,
            "1 acknowledged add lost, acknowledged 1s after the cut, and 1 that a read had "
            "returned, within the bound of 4s");
}

TEST(SetFull, ABoundExcusesNothingWithoutItsFault) {
  EXPECT_EQ(check("set-full:bounded-loss=4s,fault=cut", kLossy).answer, Answer::kViolated);
  EXPECT_EQ(check("set-full:bounded-loss=4s,fault=cut",
                  recording(kLossy, {fault("cut", "network.partition", "", 3000, 7000)}))
                .summary,
            "1 acknowledged add lost outside the bound of 4s, acknowledged 1s before the cut: add "
            "2 (operation 1)");
}

TEST(SetFull, WithoutAReadAtTheEndNobodyKnows) {
  EXPECT_EQ(check("set-full", "0 ok add - 1").summary, "the set was never read");
  EXPECT_EQ(check("set-full", "").answer, Answer::kUnknown);
  const Verdict verdict = check("set-full", "0 ok add - 1 | 1 ok read - [1] | 0 ok add - 2");
  EXPECT_EQ(verdict.answer, Answer::kUnknown);
  EXPECT_EQ(verdict.summary,
            "no read began after 1 acknowledged add, so nobody knows what became of it");
}

TEST(SetFull, KeysAreSetsOfTheirOwn) {
  EXPECT_EQ(
      check("set-full", "0 ok add a 1 | 0 ok add b 1 | 1 ok read a [1] | 1 ok read b []").answer,
      Answer::kViolated);
}

TEST(SetFull, ClockErrorsExcuseWhatIsNotCertain) {
  EXPECT_EQ(
      check("set-full", "0 ok add - 1 @0-10 | 0 ok add - 2 @0-1 | 1 ok read - [2] @12-20").answer,
      Answer::kViolated);
  EXPECT_EQ(
      check("set-full", "0±2 ok add - 1 @0-10 | 0±2 ok add - 2 @0-1 | 1±2 ok read - [2] @12-20")
          .answer,
      Answer::kUnknown);
}

}  // namespace
}  // namespace squall
