// rw-register: what is inferred, and what is not held against the store.
#include <gtest/gtest.h>

#include "tests/checker/transactions_text.h"

namespace squall {
namespace {

using test::check_transactions;
using test::fact;

TEST(RwRegister, AcceptsWhatHappensInOrder) {
  const Verdict verdict =
      check_transactions("rw-register", "0 ok: r x nil; w x 1 | 1 ok: r x 1; w x 2 | 0 ok: r x 2");
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(verdict.summary, "3 transactions, nothing rules out strong-serializable");
}

TEST(RwRegister, G1a) {
  EXPECT_EQ(check_transactions("rw-register", "0 fail: w x 1 | 1 ok: r x 1").summary,
            "not strong-serializable: T1 read x = 1, but T0, which wrote it, had aborted (G1a)");
}

TEST(RwRegister, G1b) {
  EXPECT_EQ(
      check_transactions("rw-register:model=read-committed", "0 ok: w x 1; w x 2 | 1 ok: r x 1")
          .summary,
      "not read-committed: T1 read x = 1 while T0 was not done writing it (G1b)");
}

TEST(RwRegister, G1c) {
  EXPECT_EQ(check_transactions("rw-register:model=read-committed",
                               "0 ok @0-50: w x 1; r y 1 | 1 ok @0-50: w y 1; r x 1")
                .summary,
            "not read-committed: T1 read x = 1, which T0 wrote, yet T0 read y = 1, which T1 wrote "
            "(G1c)");
}

TEST(RwRegister, Internal) {
  EXPECT_EQ(
      check_transactions("rw-register:model=read-atomic", "0 ok: w x 1; r x nil | 1 ok: r x 1")
          .summary,
      "not read-atomic: T0 read x = nil after it had written 1 (internal)");
}

TEST(RwRegister, FutureRead) {
  EXPECT_EQ(check_transactions("rw-register", "0 ok: r x 1; w x 1 | 1 ok: r x 1").summary,
            "not strong-serializable: T0 read x = 1 and only then wrote it (future-read)");
}

TEST(RwRegister, LostUpdate) {
  const Verdict verdict =
      check_transactions("rw-register:model=cursor-stability",
                         "0 ok @0-50: r x nil; w x 1 | 1 ok @0-50: r x nil; w x 2 | 2 ok: r x 2");
  EXPECT_EQ(verdict.summary,
            "not cursor-stability: T0 and T1 both wrote x having read it as nil (lost-update)");
  EXPECT_EQ(fact(verdict, "anomalies"), "lost-update 1, G2-item 1");
}

TEST(RwRegister, TheInitialStateComesFirst) {
  const char* const kText =
      "0 ok @0-90: w x 1; w y 1 | 1 ok @0-90: r x 1; r y nil | 2 ok @0-90: r y 1";
  EXPECT_EQ(check_transactions("rw-register:model=snapshot-isolation", kText).summary,
            "not snapshot-isolation: T1 read y = nil, which T0 overwrote with 1, yet T1 read x = "
            "1, which T0 wrote (G-single-item)");
  EXPECT_EQ(
      check_transactions("rw-register:model=snapshot-isolation,initial-state=false", kText).answer,
      Answer::kValid);
}

TEST(RwRegister, ReadsThatAreFollowedByWritesOrderValues) {
  const char* const kText =
      "0 ok @0-90: w x 1; w y 1 | 1 ok @0-90: r x 1; w x 2; w y 2 | 2 ok @0-90: r x 2; r y 1; w y "
      "3";
  EXPECT_EQ(check_transactions("rw-register:model=serializable", kText).answer, Answer::kValid);
  EXPECT_EQ(check_transactions("rw-register:model=serializable",
                               "0 ok @0-90: r x nil; w x 1; w y 1 | 1 ok @0-90: r x 1; r y nil; w "
                               "x 2 | 2 ok @0-90: r y 1")
                .answer,
            Answer::kViolated);
}

const char* const kBackwards = "0 ok: w x 1 | 1 ok: w x 2 | 2 ok: r x 2 | 3 ok: r x 1";

TEST(RwRegister, WithoutAPromiseOfKeysTheOrderOfBlindWritesIsOpen) {
  EXPECT_EQ(check_transactions("rw-register", kBackwards).answer, Answer::kValid);
}

TEST(RwRegister, LinearizableKeysTellTheOrder) {
  const Verdict verdict = check_transactions("rw-register:linearizable-keys=true", kBackwards);
  EXPECT_EQ(verdict.summary,
            "not strong-serializable: x was, one after the other, 2, then 1, then 2 "
            "(cyclic-versions)");
}

TEST(RwRegister, SequentialKeysTellTheOrderOfSessions) {
  const char* const kText = "0 ok: w x 1; w y 2 | 1 ok: w x 2; w y 1 | 0 ok: r x 2 | 1 ok: r y 2";
  EXPECT_EQ(
      check_transactions("rw-register:model=read-uncommitted,sequential-keys=true", kText).summary,
      "not read-uncommitted: T1 wrote x = 2 over T0's 1, yet T0 wrote y = 2 over T1's 1 "
      "(G0)");
}

TEST(RwRegister, ValuesOfNobodyAreOldUnlessForbidden) {
  const char* const kText = "0 ok: w x 1 | 1 ok: r x 7 | 2 ok: r x 1";
  const Verdict verdict = check_transactions("rw-register:model=serializable", kText);
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(fact(verdict, "values of unknown origin"), "1");
  EXPECT_EQ(check_transactions("rw-register:unwritten=violation", kText).summary,
            "not strong-serializable: T1 read x = 7, which nobody wrote (unwritten-read)");
}

TEST(RwRegister, ProvesNothingFromNothing) {
  EXPECT_EQ(check_transactions("rw-register", "0 ok: w x 1 | 1 ok: w y 1").summary,
            "no transaction of 2 saw or overwrote another's: nothing was proven");
}

}  // namespace
}  // namespace squall
