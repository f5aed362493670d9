// prediction-parity: outputs of one version for one input.
#include <gtest/gtest.h>

#include "tests/checker/inference_text.h"
#include "tests/checker/load_text.h"

namespace squall {
namespace {

using test::calls;
using test::check;
using test::fact;

TEST(PredictionParity, AcceptsTheSameOutputsWithinTheTolerance) {
  const Verdict verdict =
      check("prediction-parity", calls("u v1 i3 m1 o500000,20 | u v1 i3 m2 o500100,20 | "
                                       "u v1 i4 m1 o7 | u v2 i3 m1 o0,0"));
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(verdict.examined, 2U);
  EXPECT_EQ(verdict.summary,
            "1 question answered alike by two or more replicas (largest difference: 0.0001)");
  EXPECT_EQ(fact(verdict, "questions (version and input)"), "3");
  EXPECT_EQ(fact(verdict, "answered by two or more replicas"), "1");
}

TEST(PredictionParity, RejectsAReplicaWithOtherWeights) {
  Recording recording = calls(
      "u v1 i3 m1 o500000,20 | u v1 i3 m2 o500050,20 | u v1 i3 m3 o499000,720000 | "
      "u v1 i3 m1 o500000,20");
  const Verdict verdict = check("prediction-parity", recording);
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary,
            "1 of 1 question answered differently: version 1, input 3: m1 (operation 0) gave "
            "0.00002 as output 2, m3 (operation 2) gave 0.72");
  EXPECT_EQ(verdict.witnesses.at(0).operations, (std::vector<OpIndex>{0, 2}));
  EXPECT_EQ(check("prediction-parity:tolerance=0.8", recording).answer, Answer::kValid);
  EXPECT_EQ(fact(verdict, "largest difference"), "0.71998");
}

TEST(PredictionParity, OneReplicaMayNotChangeItsMindEither) {
  const Verdict verdict = check("prediction-parity", calls("u v1 i3 m1 o5 | u v1 i3 m1 o900"));
  EXPECT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.witnesses.at(0).why,
            "version 1, input 3: m1 (operation 0) gave 0.000005 as output 1, m1 (operation 1) gave "
            "0.0009");
}

TEST(PredictionParity, AnotherNumberOfOutputsDiffersWhateverTheTolerance) {
  EXPECT_EQ(check("prediction-parity:tolerance=1000",
                  calls("u v1 i3 m1 o5,5 | u v1 i3 m2 o5 | u v1 i4 m1 o0 | u v1 i4 m2 o9999"))
                .summary,
            "1 of 2 questions answered differently: version 1, input 3: m1 (operation 0) gave 2 "
            "outputs, m2 (operation 1) gave 1");
}

TEST(PredictionParity, TheWorstQuestionComesFirst) {
  const Verdict verdict =
      check("prediction-parity", calls("u v1 i1 m1 o0 | u v1 i1 m2 o500 | u v1 i2 m1 o0 | "
                                       "u v1 i2 m2 o-90000 | u v2 i1 m1 o7"));
  ASSERT_EQ(verdict.witnesses.size(), 2U);
  EXPECT_EQ(verdict.witnesses[0].operations, (std::vector<OpIndex>{2, 3}));
  EXPECT_EQ(verdict.witnesses[1].operations, (std::vector<OpIndex>{0, 1}));
}

TEST(PredictionParity, ProvesNothingFromOneReplica) {
  const Verdict alone = check("prediction-parity", calls("u v1 i3 m1 o5 | u v1 i3 m1 o5"));
  EXPECT_EQ(alone.answer, Answer::kUnknown);
  EXPECT_EQ(alone.summary,
            "no version was asked the same input on two replicas (2 answers compared with "
            "themselves)");
  const Verdict nothing =
      check("prediction-parity", calls("u v1 i3 m1 o5 | u v2 i3 m2 o6 | u i3 m3 o7 | u i3 m4 o8"));
  EXPECT_EQ(nothing.answer, Answer::kUnknown);
  EXPECT_EQ(nothing.summary, "no version was asked the same input twice");
}

TEST(PredictionParity, RefusesANegativeTolerance) {
  EXPECT_EQ(parse_check("prediction-parity:tolerance=-1").error().what,
            "check 'prediction-parity': 'tolerance' must not be negative");
}

}  // namespace
}  // namespace squall
