// The lease machine: who holds a lease, who lost it, who is dirty.
#include "faults/lease_machine.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const FaultId kCut("cut");
const FaultId kHold("hold");

BootTime at(Duration since_boot) {
  return {since_boot};
}

TEST(Lease, HasLimits) {
  EXPECT_EQ(*check_lease(Duration{0}), kLeaseDefault);
  EXPECT_EQ(*check_lease(seconds(60)), seconds(60));
  EXPECT_EQ(check_lease(milliseconds(999)).error().what, "a lease of 999ms is outside 1s to 1m");
  EXPECT_FALSE(check_lease(seconds(61)).ok());
}

TEST(LeaseMachine, KeepsAFaultThatIsRenewedInTime) {
  LeaseMachine leases;
  ASSERT_TRUE(leases.grant(kCut, at(seconds(0)), seconds(5)).ok());
  for (int second = 4; second < 40; second += 4) {
    EXPECT_TRUE(leases.renew(at(seconds(second)), seconds(5)).lost.empty());
  }
  EXPECT_TRUE(leases.holds(kCut));
  EXPECT_EQ(leases.first_expiry()->ns(), Duration(seconds(41)).count());
}

TEST(LeaseMachine, LosesAFaultThatNobodyRenews) {
  LeaseMachine leases;
  ASSERT_TRUE(leases.grant(kCut, at(seconds(0)), seconds(5)).ok());
  EXPECT_TRUE(leases.tick(at(milliseconds(4999))).lost.empty());
  EXPECT_EQ(leases.tick(at(seconds(5))).lost, std::vector<FaultId>{kCut});
  EXPECT_FALSE(leases.holds(kCut));
}

TEST(LeaseMachine, NeverArmsALostLeaseAgain) {
  LeaseMachine leases;
  ASSERT_TRUE(leases.grant(kCut, at(seconds(0)), seconds(5)).ok());
  ASSERT_TRUE(leases.grant(kHold, at(seconds(3)), seconds(5)).ok());
  const LeaseNext next = leases.renew(at(seconds(6)), seconds(5));
  EXPECT_EQ(next.lost, std::vector<FaultId>{kCut});
  EXPECT_TRUE(leases.holds(kHold));
  EXPECT_EQ(leases.grant(kCut, at(seconds(6)), seconds(5)).error().what,
            "the lease of 'cut' is lost; apply it again under another id");
}

TEST(LeaseMachine, AsksAgainUntilTheUndoIsConfirmed) {
  LeaseMachine leases;
  ASSERT_TRUE(leases.grant(kCut, at(seconds(0)), seconds(1)).ok());
  BootTime now = at(seconds(1));
  EXPECT_EQ(leases.tick(now).lost, std::vector<FaultId>{kCut});
  for (int attempt = 0; attempt < kMaxUndoAttempts; ++attempt) {
    leases.heal_failed(kCut, now);
    EXPECT_TRUE(leases.tick(now).retry.empty());
    now = now + kHealRetry;
    const LeaseNext next = leases.tick(now);
    EXPECT_EQ(next.retry, std::vector<FaultId>{kCut});
    EXPECT_EQ(next.is_dirty, attempt + 1 == kMaxUndoAttempts);
  }
  leases.healed(kCut);
  EXPECT_FALSE(leases.tick(now).wake_until.has_value());
}

TEST(LeaseMachine, RenewsNothingThatWasGivenBack) {
  LeaseMachine leases;
  ASSERT_TRUE(leases.grant(kCut, at(seconds(0)), seconds(5)).ok());
  leases.give_back(kCut);
  (void)leases.renew(at(seconds(1)), seconds(5));
  EXPECT_FALSE(leases.holds(kCut));
  EXPECT_FALSE(leases.first_expiry().has_value());
}

}  // namespace
}  // namespace squall
