// response-identity: ids and nonces that come back to the wrong request.
#include <gtest/gtest.h>

#include "tests/checker/inference_text.h"
#include "tests/checker/load_text.h"

namespace squall {
namespace {

using test::calls;
using test::check;
using test::fact;

TEST(ResponseIdentity, AcceptsRepliesToTheirOwnRequests) {
  const Verdict verdict = check("response-identity", calls("u1 | u2 | u1 fail"));
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(verdict.promise, Promise::kSafety);
  EXPECT_EQ(verdict.examined, 2U);
  EXPECT_EQ(verdict.summary, "all of 2 replies carry their request's id and nonce");
}

TEST(ResponseIdentity, RejectsAReplyThatIsAnotherRequests) {
  // The first call was cancelled; its answer is read by the next on the same connection.
  Recording recording = calls("u1 fail @0-50 | u2 id=r0 nonce=100 @60-70");
  recording.faults = {test::fault("slow", "network.delay", "g1 → m1", 0, 200)};
  const Verdict verdict = check("response-identity", recording);
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary,
            "1 of 1 replies answer another request: process 1 asked with id r1 and nonce 101 "
            "(operation 1) and got id r0 and nonce 100, those of operation 0 of process 0, while "
            "slow (network.delay g1 → m1) was active");
  EXPECT_EQ(verdict.witnesses.at(0).operations, (std::vector<OpIndex>{0, 1}));
}

TEST(ResponseIdentity, TheNonceShowsWhatTheIdHides) {
  const Verdict verdict =
      check("response-identity", calls("u1 | u2 nonce=103 | u3 | u4 nonce=101"));
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary,
            "2 of 4 replies answer another request: process 1 asked with id r1 and nonce 101 "
            "(operation 1) and got id r1 and nonce 103");
  EXPECT_EQ(verdict.witnesses.at(0).operations, (std::vector<OpIndex>{1}));
  EXPECT_EQ(fact(verdict, "wrong id"), "0");
  EXPECT_EQ(fact(verdict, "wrong nonce"), "2");
}

TEST(ResponseIdentity, AnIdThatIsNobodysOrNoneIsWrongToo) {
  EXPECT_EQ(check("response-identity", calls("u1 id=stranger")).summary,
            "1 of 1 replies answer another request: process 0 asked with id r0 and nonce 100 "
            "(operation 0) and got id stranger and nonce 100");
  EXPECT_EQ(check("response-identity", calls("u1 id=")).summary,
            "1 of 1 replies answer another request: process 0 asked with id r0 and nonce 100 "
            "(operation 0) and got no id and nonce 100");
}

TEST(ResponseIdentity, ProvesNothingFromNothing) {
  const Verdict verdict = check("response-identity", calls("u1 fail"));
  EXPECT_EQ(verdict.answer, Answer::kUnknown);
  EXPECT_EQ(verdict.summary, "no inference call was answered");
  EXPECT_EQ(check("response-identity", "0 ok read x 1").answer, Answer::kUnknown);
  EXPECT_EQ(check("response-identity:client=other", calls("u1 id=x")).answer, Answer::kUnknown);
}

}  // namespace
}  // namespace squall
