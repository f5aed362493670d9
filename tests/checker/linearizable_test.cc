// linearizable: accepts, rejects with its exact sentence, ignores what nobody saw, and proves
// nothing from nothing.
#include <gtest/gtest.h>

#include "checker/jit_core.h"
#include "tests/checker/history_text.h"

namespace squall {
namespace {

using test::check;

Answer answer(std::string_view text) {
  return check("linearizable", text).answer;
}

TEST(Linearizable, AcceptsReadsOfTheLatestWrite) {
  const Verdict verdict =
      check("linearizable", "0 ok write x 1 | 1 ok read x 1 | 0 ok cas x [1,2] | 1 ok read x 2");
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(verdict.summary, "4 operations on 1 key have an order each");
  EXPECT_EQ(verdict.examined, 4U);
}

TEST(Linearizable, RejectsAReadOfWhatWasOverwritten) {
  const Verdict verdict =
      check("linearizable", "0 ok write k3 7 | 0 ok write k3 9 | 1 ok read k3 9 | 2 ok read k3 7");
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.witnesses.at(0).why,
            "key k3: process 2 read 7 (operation 3), but only 9 was possible there; no order of "
            "these 2 operations works, whatever the value was before");
  EXPECT_EQ(verdict.witnesses.at(0).operations, (std::vector<OpIndex>{2, 3}));
}

TEST(Linearizable, RejectsAValueThatNobodyWrote) {
  const Verdict verdict =
      check("linearizable", "0 ok write x 1 | 0 fail write x 3 | 1 ok read x 3");
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary, "key x: process 1 read 3 (operation 2), which nobody had written");
}

TEST(Linearizable, RejectsALostUpdateAmongCompareAndSets) {
  const Verdict verdict =
      check("linearizable", "0 ok write - 1 | 0 ok cas - [1,2] | 1 ok cas - [1,3]");
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary,
            "process 1 changed 1 to 3 (operation 2), but only 2 was possible there; no order of "
            "these 2 operations works, whatever the value was before");
}

TEST(Linearizable, NamesTheFaultsThatWereActive) {
  const Recording recording =
      test::recording("0 ok write x 1 | 0 ok write x 2 | 1 ok read x 1",
                      {test::fault("cut", "network.partition", "e1 | e2, e3", 5, 25),
                       test::fault("process.kill@1", "process.kill", "e1/etcd", 500, 500)});
  EXPECT_EQ(check("linearizable", recording).summary,
            "key x: process 1 read 1 (operation 2), but only 2 was possible there; no order of "
            "these 2 operations works, whatever the value was before, while cut "
            "(network.partition e1 | e2, e3) was active");
}

TEST(Linearizable, OverlappingOperationsMayGoEitherWay) {
  EXPECT_EQ(answer("0 ok write x 1 @0-10 | 1 ok write x 2 @0-10 | 2 ok read x 1 @20-30"),
            Answer::kValid);
  // Closed intervals: what is called at the instant of a return overlaps it.
  EXPECT_EQ(answer("0 ok write x 1 @0-10 | 1 ok read x nil @10-20"), Answer::kValid);
  EXPECT_EQ(answer("0 ok write x 1 @0-10 | 1 ok read x nil @11-20"), Answer::kViolated);
}

TEST(Linearizable, ACrashedWriteMayHappenLateOnceOrNever) {
  EXPECT_EQ(answer("0 info write x 1 @0-5 | 1 ok read x nil | 1 ok read x 1"), Answer::kValid);
  EXPECT_EQ(answer("0 info write x 1 @0-5 | 1 ok read x nil | 1 ok read x nil"), Answer::kValid);
  EXPECT_EQ(answer("0 info write x 1 @0-5 | 1 ok read x 1 | 1 ok write x 2 | 1 ok read x 1"),
            Answer::kViolated);
  EXPECT_EQ(answer("0 info write x 1 @0-5 | 2 info write x 1 @0- | 1 ok read x 1 | 1 ok write x 2 |"
                   "1 ok read x 1"),
            Answer::kValid);
  EXPECT_EQ(answer("1 ok read x 1 @0-5 | 0 info write x 1 @6-9"), Answer::kViolated);
}

TEST(Linearizable, AFailedWriteDidNotHappen) {
  EXPECT_EQ(answer("0 fail write x 1 | 1 ok read x 1"), Answer::kViolated);
  EXPECT_EQ(answer("0 fail write x 1 | 1 ok read x nil"), Answer::kValid);
}

TEST(Linearizable, AFailedCompareAndSetIsEvidenceOnlyIfItCompared) {
  const char* const kMismatch = "0 ok write x 1 | 1 fail cas x [1,2] | 0 ok read x 1";
  EXPECT_EQ(check("linearizable", kMismatch).summary,
            "key x: process 1 was told that it is not 1 (operation 1), but only 1 was possible "
            "there; no order of these 2 operations works");
  EXPECT_EQ(check("linearizable:failed-cas=dropped", kMismatch).answer, Answer::kValid);
  EXPECT_EQ(answer("0 ok write x 1 | 1 fail cas x [1,2] !connection refused | 0 ok read x 1"),
            Answer::kValid);
  // Somebody whose write crashed can be the reason, even if nobody ever read it.
  EXPECT_EQ(answer("0 ok write x 1 | 2 info write x 5 | 1 fail cas x [1,2]"), Answer::kValid);
}

TEST(Linearizable, NilIsAValueOrAWildcard) {
  const char* const kText = "0 ok write x 1 | 1 ok read x nil | 1 ok read x 1";
  EXPECT_EQ(check("linearizable", kText).answer, Answer::kViolated);
  EXPECT_EQ(check("linearizable:nil-read=wildcard", kText).answer, Answer::kValid);
  EXPECT_EQ(check("linearizable:init=0", "0 ok read x 0").answer, Answer::kValid);
  EXPECT_EQ(check("linearizable:init=0", "0 ok read x nil").answer, Answer::kViolated);
}

TEST(Linearizable, KeysAreIndependentAndAllCounted) {
  const Verdict verdict = check("linearizable",
                                "0 ok write x 1 | 0 ok read x nil | 0 ok write y 1 | 0 ok read y 1 "
                                "| 0 ok write z 1 | 0 ok read z nil");
  EXPECT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.witnesses.size(), 2U);
  EXPECT_EQ(verdict.facts.at(0), (std::pair<std::string, std::string>("keys", "3")));
  EXPECT_EQ(verdict.facts.at(2), (std::pair<std::string, std::string>("keys violated", "2")));
}

TEST(Linearizable, JudgesTheNamedClientOnly) {
  const char* const kText = "a/0 ok write x 1 | a/1 ok read x 1 | b/2 ok read x 5 | b/2 ok add x 1";
  EXPECT_EQ(check("linearizable:client=a", kText).answer, Answer::kValid);
  EXPECT_EQ(check("linearizable", kText).answer, Answer::kUnknown);
  EXPECT_EQ(check("linearizable", kText).summary.substr(0, 13), "operation 3 (");
}

TEST(Linearizable, ClockErrorsWidenIntervals) {
  EXPECT_EQ(answer("0 ok write x 1 @0-10 | 1 ok read x nil @12-20"), Answer::kViolated);
  EXPECT_EQ(answer("0±1 ok write x 1 @0-10 | 1±1 ok read x nil @12-20"), Answer::kValid);
}

TEST(Linearizable, ProvesNothingFromNothing) {
  EXPECT_EQ(check("linearizable", "").summary, "no operation was acknowledged");
  EXPECT_EQ(answer(""), Answer::kUnknown);
  const Verdict writes = check("linearizable", "0 ok write x 1 | 0 ok write x 2 | 1 info read x -");
  EXPECT_EQ(writes.answer, Answer::kUnknown);
  EXPECT_EQ(writes.summary, "nobody read: 2 acknowledged writes prove nothing");
  EXPECT_EQ(check("linearizable:model=register", "0 ok cas x [1,2]").answer, Answer::kUnknown);
}

// Compare-and-sets in a ring, under way at once: each step can be the first.
std::string busy_text() {
  std::string text = "50 ok write x 0 @0-5 | 51 ok read x 0 @10-15 | ";
  for (int i = 0; i < 12; ++i) {
    text += std::to_string(i) + " info write x " + std::to_string(i + 1) + " @20- | ";
    text += std::to_string(i + 20) + " ok cas x [" + std::to_string(i + 1) + "," +
            std::to_string((i + 5) % 12 + 1) + "] @20-100 | ";
  }
  return text + "52 ok read x 99 @200-210";
}

TEST(Linearizable, SaysWhichLimitWasReachedAndWhere) {
  const CheckRequest request = *parse_check("linearizable");
  const Recording recording = test::recording(busy_text());
  const Verdict verdict = run_check(request, recording, Budget{.steps = 20});
  EXPECT_EQ(verdict.answer, Answer::kUnknown);
  EXPECT_EQ(verdict.summary,
            "key x: the limit of 20 steps was reached at operation 3, 100ms into the run, with 2 "
            "returns in order; 12 crashed operations in play (2, 4, 6, 8, 10, …)");
}

TEST(Linearizable, MoreAtOnceThanTheLimitIsUnknown) {
  std::string text;
  for (std::size_t i = 0; i <= kMaxConcurrent; ++i) {
    text += std::to_string(i) + " ok write x 1 @0-100 | ";
  }
  const Verdict verdict = check("linearizable", text + "9999 ok read x 1 @0-100");
  EXPECT_EQ(verdict.answer, Answer::kUnknown);
  EXPECT_EQ(verdict.summary, "key x: the limit of 512 operations at once was reached");
}

TEST(Linearizable, ManyAtOnceWithUniqueValuesIsQuick) {
  std::string text;
  for (int i = 1; i <= 200; ++i) {
    text += std::to_string(i) + " ok write x " + std::to_string(i) + " @0-1000 | ";
    text += std::to_string(i + 500) + " ok read x " + std::to_string(i) + " @" +
            std::to_string(4 * i) + "-" + std::to_string(4 * i + 1) + " | ";
  }
  const Verdict verdict =
      run_check(*parse_check("linearizable"), test::recording(text), Budget{.steps = 2'000'000});
  EXPECT_EQ(verdict.answer, Answer::kValid) << verdict.summary;
}

}  // namespace
}  // namespace squall
