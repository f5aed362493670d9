// bank, long-fork, causal-reverse, write-skew.
#include <gtest/gtest.h>

#include "tests/checker/history_text.h"
#include "tests/checker/transactions_text.h"

namespace squall {
namespace {

using test::check;
using test::check_transactions;

TEST(Bank, AcceptsAConstantTotal) {
  EXPECT_EQ(check("bank", "0 ok read - [[a,10],[b,5]] | 1 ok read - [[a,0],[b,15]]").summary,
            "2 reads of all balances, nothing lost");
}

TEST(Bank, RejectsMoneyThatIsGone) {
  EXPECT_EQ(check("bank", "0 ok read - [[a,10],[b,5]] | 1 ok read - [[a,0],[b,5]]").summary,
            "process 1 read balances that add up to 5, not 15 (operation 1)");
  EXPECT_EQ(check("bank:total=100", "0 ok read - [[a,10],[b,5]]").summary,
            "process 0 read balances that add up to 15, not 100 (operation 0)");
}

TEST(Bank, RejectsDebtUnlessItIsAllowed) {
  const char* const kText = "0 ok read - [[a,10],[b,5]] | 1 ok read - [[a,-1],[b,16]]";
  EXPECT_EQ(check("bank", kText).summary,
            "process 1 read a balance below zero in account \"a\" (operation 1)");
  EXPECT_EQ(check("bank:negative=allowed", kText).answer, Answer::kValid);
}

TEST(Bank, RejectsAccountsThatAreGone) {
  EXPECT_EQ(check("bank", "0 ok read - [[a,10],[b,0]] | 1 ok read - [[a,10]]").summary,
            "process 1 read 1 account, not 2 (operation 1)");
  EXPECT_EQ(check("bank", "0 ok read - [[a,10],[b,nil]]").summary,
            "process 0 read no balance of account \"b\" (operation 0)");
}

TEST(Bank, IgnoresWhatNobodySaw) {
  EXPECT_EQ(check("bank", "0 ok read - [[a,10]] | 1 info read - - | 2 fail read - -").answer,
            Answer::kValid);
  EXPECT_EQ(check("bank", "0 ok transfer - 1").summary, "nobody read the balances");
}

TEST(LongFork, RejectsWritesSeenInOppositeOrders) {
  EXPECT_EQ(
      check_transactions("long-fork",
                         "0 ok @0-90: w x 1 | 1 ok @0-90: w y 1 | 2 ok @0-90: r x 1; r y nil | "
                         "3 ok @0-90: r x nil; r y 1")
          .summary,
      "T2 saw the write of x but not that of y, and T3 saw that of y but not that of x");
}

TEST(LongFork, AcceptsOneOrder) {
  EXPECT_EQ(
      check_transactions("long-fork",
                         "0 ok: w x 1 | 2 ok: r x 1; r y nil | 1 ok: w y 1 | 3 ok: r x 1; r y 1")
          .summary,
      "2 readers of 1 group of keys saw writes in one order");
}

TEST(LongFork, CannotFollowKeysThatAreRewritten) {
  const Verdict verdict =
      check_transactions("long-fork", "0 ok: w x 1 | 0 ok: w x 2 | 1 ok: r x 2");
  EXPECT_EQ(verdict.answer, Answer::kUnknown);
  EXPECT_EQ(verdict.summary,
            "key x is written more than once, which this checker cannot follow; rw-register can");
  EXPECT_EQ(check_transactions("long-fork", "0 ok: w x 1").summary,
            "no transaction read two keys and wrote none");
}

TEST(CausalReverse, RejectsAnEffectWithoutItsCause) {
  EXPECT_EQ(check("causal-reverse", "0 ok write - 1 | 1 ok write - 2 | 2 ok read - [2]").summary,
            "process 2 saw 2 but not 1, which was acknowledged before that write began (operations "
            "0, 1, 2)");
}

TEST(CausalReverse, AcceptsWhatOverlapped) {
  EXPECT_EQ(check("causal-reverse",
                  "0 ok write - 1 @0-30 | 1 ok write - 2 @10-20 | 2 ok read - [2] @50-60")
                .summary,
            "1 read, none saw an effect without its cause");
  EXPECT_EQ(check("causal-reverse", "0 info write - 1 | 1 ok write - 2 | 2 ok read - [2]").answer,
            Answer::kValid);
  EXPECT_EQ(check("causal-reverse", "0 ok write - 1").answer, Answer::kUnknown);
}

TEST(WriteSkew, RejectsTwoInsertsUnderOneKey) {
  EXPECT_EQ(check("write-skew", "0 ok insert k a | 1 ok insert k b").summary,
            "process 0 and process 1 both inserted under key \"k\" (operations 0 and 1), each "
            "having seen that the other had not");
}

TEST(WriteSkew, AcceptsOneOfThem) {
  EXPECT_EQ(check("write-skew", "0 ok insert k a | 1 fail insert k b | 0 ok insert j b").summary,
            "2 keys, never two inserts under one");
  EXPECT_EQ(check("write-skew", "0 info insert k a").summary, "no insert was acknowledged");
}

}  // namespace
}  // namespace squall
