// mutual-exclusion: two holders, or a write under a lock that somebody else has got.
#include <gtest/gtest.h>

#include "tests/checker/history_text.h"

namespace squall {
namespace {

using test::check;

// A holder is paused past its lease, another one gets the lock, the first wakes up and writes.
const char* const kPaused =
    "0 ok acquire - 10 @3100-3200 | 0 ok write section 10 @3300-3301 | "
    "2 ok acquire - 12 @3500-5200 | 2 ok write section 12 @5300-5301 | "
    "0 ok write section 10 @9100-9101 | 0 ok release - - @9200-9201 | "
    "2 ok release - - @9900-9901";

TEST(MutualExclusion, RejectsAWriteAfterAnotherAcquired) {
  const Verdict verdict = check("mutual-exclusion", kPaused);
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.witnesses.at(0).why,
            "process 0 wrote under the lock at 9.1s, 3.9s after process 2 had acquired it (its own "
            "acquire ended at 3.2s)");
  EXPECT_EQ(verdict.witnesses.at(0).operations, (std::vector<OpIndex>{0, 2, 4}));
  EXPECT_EQ(verdict.examined, 2U);
  EXPECT_EQ(verdict.facts.at(3), (std::pair<std::string, std::string>("longest overlap", "4s")));
}

TEST(MutualExclusion, NamesTheFault) {
  const Recording recording = test::recording(
      kPaused, {test::fault("process.pause@1", "process.pause", "e1/client", 3400, 9050)});
  EXPECT_EQ(check("mutual-exclusion", recording).summary,
            "process 0 wrote under the lock at 9.1s, 3.9s after process 2 had acquired it (its own "
            "acquire ended at 3.2s), while process.pause@1 (e1/client) was active");
}

// The same, but a fencing check rejected the late write: holding at once does no harm.
const char* const kFenced =
    "0 ok acquire - 10 @3100-3200 | 2 ok acquire - 12 @3500-5200 | "
    "2 ok write section 12 @5300-5301 | 0 fail write section 10 @9100-9101 | "
    "0 ok release - - @9200-9201 | 2 ok release - - @9900-9901";

TEST(MutualExclusion, AFencedWriteIsNoViolationButAnOverlapOfClaims) {
  EXPECT_EQ(check("mutual-exclusion", kFenced).answer, Answer::kValid);
  EXPECT_EQ(check("mutual-exclusion", kFenced).summary,
            "2 acquisitions and 1 write, none after another process had acquired the lock");
  const Verdict claims = check("mutual-exclusion:evidence=claims", kFenced);
  EXPECT_EQ(claims.answer, Answer::kViolated);
  EXPECT_EQ(claims.summary,
            "process 2 acquired the lock at 5.2s while process 0 held it from 3.2s to 9.2s");
}

TEST(MutualExclusion, AcceptsHoldersOneAfterTheOther) {
  const Verdict verdict = check(
      "mutual-exclusion",
      "0 ok acquire - nil | 1 info acquire - nil @1-90 | 0 ok release - - | 2 ok acquire - nil | "
      "2 ok release - -");
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(verdict.summary, "2 acquisitions, never two holders at once");
}

TEST(MutualExclusion, AnAnswerOnItsWayMayBeLate) {
  // Process 1 asked before process 0 got it, without tokens: nobody knows who was first.
  EXPECT_EQ(check("mutual-exclusion",
                  "1 ok acquire - nil @0-50 | 0 ok acquire - nil @10-20 | 0 ok write s 1 @60-61 | "
                  "1 ok release - - @90-91 | 0 ok release - - @80-81")
                .answer,
            Answer::kValid);
  EXPECT_EQ(check("mutual-exclusion",
                  "1 ok acquire - 2 @0-50 | 0 ok acquire - 1 @10-20 | 0 ok write s 1 @60-61 | "
                  "1 ok release - - @90-91 | 0 ok release - - @80-81")
                .answer,
            Answer::kViolated);
}

TEST(MutualExclusion, AFailedReleaseDidNotRelease) {
  EXPECT_EQ(
      check("mutual-exclusion",
            "0 ok acquire - nil @0-10 | 0 fail release - - @20-40 | 1 ok acquire - nil @25-30")
          .answer,
      Answer::kViolated);
  EXPECT_EQ(check("mutual-exclusion",
                  "0 ok acquire - nil @0-10 | 0 ok release - - @20-40 | 1 ok acquire - nil @25-30")
                .answer,
            Answer::kValid);
}

TEST(MutualExclusion, LocksAreIndependent) {
  EXPECT_EQ(check("mutual-exclusion",
                  "0 ok acquire a nil | 1 ok acquire b nil | 0 ok release a - | 1 ok release b -")
                .answer,
            Answer::kValid);
}

TEST(MutualExclusion, ClockErrorsShrinkHolds) {
  EXPECT_EQ(check("mutual-exclusion",
                  "0 ok acquire - nil @0-10 | 1 ok acquire - nil @11-18 | 0 ok release - - @20-21 |"
                  "1 ok release - - @40-41")
                .answer,
            Answer::kViolated);
  EXPECT_EQ(check("mutual-exclusion",
                  "0±1 ok acquire - nil @0-10 | 1±1 ok acquire - nil @11-18 | 0±1 ok release - - "
                  "@20-21 | 1±1 ok release - - @40-41")
                .answer,
            Answer::kValid);
}

TEST(MutualExclusion, ProvesNothingFromNothing) {
  EXPECT_EQ(check("mutual-exclusion", "").summary, "nobody acquired the lock");
  const Verdict alone = check("mutual-exclusion", "0 ok acquire - 1 | 0 ok release - -");
  EXPECT_EQ(alone.answer, Answer::kUnknown);
  EXPECT_EQ(alone.summary, "only one process ever acquired the lock: nobody could get in its way");
  EXPECT_EQ(check("mutual-exclusion:evidence=effects",
                  "0 ok acquire - 1 | 0 ok release - - | 1 ok acquire - 2 | 1 info write s 2")
                .summary,
            "no write under the lock was acknowledged");
}

}  // namespace
}  // namespace squall
