// model-version: users and cohorts that are sent back.
#include <gtest/gtest.h>

#include "tests/checker/inference_text.h"
#include "tests/checker/load_text.h"

namespace squall {
namespace {

using test::calls;
using test::check;
using test::fact;

TEST(ModelVersion, AcceptsVersionsThatGrow) {
  const Verdict verdict =
      check("model-version", calls("u1 e1 v1 g1 stable | u2 e1 v1 g2 stable | u1 e2 v2 g1 stable "
                                   "| u2 e2 v2 g2 stable | u1 e2 v3 g2 canary"));
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(verdict.examined, 5U);
  EXPECT_EQ(verdict.summary, "5 inference calls of 2 users in 2 cohorts, none behind another");
}

TEST(ModelVersion, RejectsAUserWhoIsSentBack) {
  Recording recording = calls("u1 e2 v2 g1 @0-10 | u2 e1 v1 g2 @15-20 | u1 e1 v1 g2 @30-40");
  recording.faults = {test::fault("skew", "clock.skew", "g2", 0, 50)};
  const Verdict verdict = check("model-version", recording);
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary,
            "key ranker: user u1 got version 1 of epoch 1 from g2 (operation 2), sent 20ms after "
            "the reply with version 2 of epoch 2 from g1 (operation 0), while skew (clock.skew g2) "
            "was active");
  EXPECT_EQ(verdict.witnesses.at(0).operations, (std::vector<OpIndex>{0, 2}));
  EXPECT_EQ(fact(verdict, "users sent back"), "1");
  EXPECT_EQ(check("model-version:per=cohort", recording).answer, Answer::kUnknown);
}

TEST(ModelVersion, CallsThatOverlapMayComeFromEither) {
  EXPECT_EQ(check("model-version", calls("u1 e2 v2 @0-10 | u1 e1 v1 @10-20")).answer,
            Answer::kValid);
  EXPECT_EQ(check("model-version", calls("u1 e2 v2 @0-10 | u1 e1 v1 @11-20")).answer,
            Answer::kViolated);
  // 2 ms of doubt about each clock: 11 may be 9, and 10 may be 12.
  EXPECT_EQ(check("model-version", calls("u1 e2 v2 @0-10 ±2 | u1 e1 v1 @11-20 ±2")).answer,
            Answer::kValid);
}

TEST(ModelVersion, ACohortHasTheBoundToFollow) {
  const Recording recording = calls(
      "u1 e2 v2 g1 stable @0-10 | u2 e1 v1 g2 stable @400-410 | u3 e1 v1 g2 canary @900-910 | "
      "u4 e1 v1 g2 stable @1011-1020");
  const Verdict verdict = check("model-version", recording);
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary,
            "key ranker: cohort stable got version 1 of epoch 1 from g2 (operation 3), sent 1s "
            "after the reply with version 2 of epoch 2 from g1 (operation 0)");
  EXPECT_EQ(verdict.witnesses.size(), 1U);
  EXPECT_EQ(check("model-version:bound=2s", recording).answer, Answer::kValid);
  EXPECT_EQ(check("model-version:per=user", recording).answer, Answer::kValid);
  EXPECT_EQ(
      fact(check("model-version:bound=100ms", recording), "cohorts sent back after the bound"),
      "2");
}

TEST(ModelVersion, WithinAnEpochACohortHasOneVersion) {
  const Verdict verdict =
      check("model-version", calls("u1 e4 v1 g1 stable @0-10 | u2 e4 v2 g2 stable @1-9"));
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(
      verdict.summary,
      "key ranker: cohort stable got version 1 of epoch 4 from g1 (operation 0) and version 2 "
      "of epoch 4 from g2 (operation 1)");
  EXPECT_EQ(check("model-version", calls("u1 e4 v1 stable @0-10 | u2 e4 v2 canary @1-9")).answer,
            Answer::kValid);
}

TEST(ModelVersion, ModelsHaveVersionsOfTheirOwn) {
  EXPECT_EQ(check("model-version", calls("u1 e5 v5 model=a | u1 e1 v1 model=b")).answer,
            Answer::kValid);
}

TEST(ModelVersion, ByVersionWhereThereAreNoEpochs) {
  const Recording recording = calls("u1 v10 | u1 v9 | u1 vold");
  EXPECT_EQ(check("model-version", recording).summary,
            "none of 3 replies says which configuration it came from");
  const Verdict verdict = check("model-version:order=version", recording);
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary,
            "key ranker: user u1 got version 9 (operation 1), sent 5ms after the reply with "
            "version 10 (operation 0)");
  EXPECT_EQ(fact(verdict, "replies without an epoch or version"), "1");
}

TEST(ModelVersion, WhatFailedSaysNothing) {
  const Verdict verdict = check("model-version", calls("u1 e2 v2 fail | u1 fail"));
  EXPECT_EQ(verdict.answer, Answer::kUnknown);
  EXPECT_EQ(verdict.summary, "no inference call was answered");
}

}  // namespace
}  // namespace squall
