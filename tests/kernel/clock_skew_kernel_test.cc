// Skewing the clocks of real, unmodified, running processes.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include "kernel/clock_skew.h"
#include "kernel/process.h"
#include "kernel/target_memory.h"
#include "kernel/vdso.h"
#include "kernel/vdso_cave.h"
#include "tests/support/clock_child.h"
#include "tests/support/own_namespaces.h"

namespace squall {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// The guest's processor is an emulated one.
int count(int here, int in_guest) {
  const char* guest = std::getenv("SQUALL_GUEST");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return guest != nullptr ? in_guest : here;
}

BootTime in(Duration from_now) {
  return system_clock().boot() + from_now;
}

// The code of its vDSO, without what lies behind the kernel's image.
VdsoImage vdso_code_of(pid_t pid) {
  const MemoryMapping mapping = must(find_vdso(must(mappings_of(pid))));
  VdsoImage image(end_of_content(must(own_vdso())));
  must(must(TargetMemory::open(pid)).read(mapping.start, image.data(), image.size()));
  return image;
}

VdsoImage pristine_code() {
  VdsoImage image = must(own_vdso());
  image.resize(end_of_content(image));
  return image;
}

class ClockSkewTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped()) return;
    const Result<> possible = check_clock_skew();
    if (!possible.ok()) GTEST_SKIP() << possible.error().what;
  }
};

TEST_F(ClockSkewTest, MovesEveryWallClockOfARunningProcessAndNoOther) {
  const ClockChild child = must(ClockChild::start(2));
  ASSERT_TRUE(child.is_off_by(Duration{0}));
  must(skew_clock(child.pid(), -seconds(90), in(hours(1))));
  EXPECT_TRUE(child.is_off_by(-seconds(90)));
  must(skew_clock(child.pid(), hours(36) + milliseconds(999), in(hours(1))));
  EXPECT_TRUE(child.is_off_by(hours(36) + milliseconds(999)));
  must(skew_clock(child.pid(), -milliseconds(1), in(hours(1))));
  EXPECT_TRUE(child.is_off_by(-milliseconds(1)));
}

TEST_F(ClockSkewTest, AHealMakesTheVdsoWhatItWas) {
  const ClockChild child = must(ClockChild::start(2));
  ASSERT_EQ(vdso_code_of(child.pid()), pristine_code());
  must(skew_clock(child.pid(), seconds(5), in(hours(1))));
  EXPECT_NE(vdso_code_of(child.pid()), pristine_code());
  must(restore_clock(child.pid()));
  EXPECT_EQ(vdso_code_of(child.pid()), pristine_code());
  EXPECT_TRUE(child.is_off_by(Duration{0}));
  must(restore_clock(child.pid()));  // idempotent
  must(skew_clock(child.pid(), seconds(7), in(hours(1))));
  EXPECT_TRUE(child.is_off_by(seconds(7)));
}

TEST_F(ClockSkewTest, EndsByItselfWhenNobodyRenewsIt) {
  const ClockChild child = must(ClockChild::start(1));
  const BootTime until = in(milliseconds(300));
  must(skew_clock(child.pid(), seconds(5), until));
  while (system_clock().boot() < until) (void)child.read_on();
  // The end is noticed within the look of 10 ms.
  while (system_clock().boot() < until + milliseconds(20)) (void)child.read_on();
  EXPECT_TRUE(child.is_off_by(Duration{0}));
  EXPECT_EQ(must(read_clock(child.pid())).offset, seconds(5));  // inert, and to be found
  must(skew_clock(child.pid(), seconds(5), in(hours(1))));
  EXPECT_TRUE(child.is_off_by(seconds(5)));
}

TEST_F(ClockSkewTest, IsReadBackWithItsCalls) {
  const ClockChild child = must(ClockChild::start(1));
  EXPECT_FALSE(must(read_clock(child.pid())).is_patched);
  const BootTime until = in(hours(1));
  must(skew_clock(child.pid(), -seconds(3) - Duration(7), until));
  const ClockReading first = must(read_clock(child.pid()));
  EXPECT_TRUE(first.is_patched);
  EXPECT_EQ(first.offset, -seconds(3) - Duration(7));
  EXPECT_EQ(first.until, until);
  EXPECT_NE(first.page, 0U);
  const std::uint64_t rounds = child.report().rounds[0];
  EXPECT_TRUE(child.read_on());
  const std::uint64_t more = child.report().rounds[0] - rounds;
  EXPECT_GE(must(read_clock(child.pid())).calls, first.calls + (more - 1) * 5);
}

TEST_F(ClockSkewTest, ForkedChildrenShareTheSkewAndItsEnd) {
  const ClockChild child = must(ClockChild::start(1));
  must(skew_clock(child.pid(), seconds(5), in(hours(1))));
  child.report().order = 1;
  while (child.report().order != 2) (void)child.read_on();
  EXPECT_TRUE(child.is_off_by(seconds(5)));  // its child reads now
  const std::vector<pid_t> forked = must(children(child.pid()));
  ASSERT_EQ(forked.size(), 1U);
  EXPECT_EQ(must(read_clock(forked[0])).page, must(read_clock(child.pid())).page);
  must(skew_clock(child.pid(), seconds(9), in(hours(1))));
  EXPECT_TRUE(child.is_off_by(seconds(9)));
  must(restore_clock(child.pid()));
  EXPECT_TRUE(child.is_off_by(Duration{0}));
  EXPECT_NE(vdso_code_of(forked[0]), pristine_code());
  must(restore_clock(forked[0]));
  EXPECT_EQ(vdso_code_of(forked[0]), pristine_code());
  EXPECT_TRUE(child.is_off_by(Duration{0}));
}

TEST_F(ClockSkewTest, FiveHundredThreadsGoOn) {
  const ClockChild child = must(ClockChild::start(4, 496));
  must(skew_clock(child.pid(), seconds(5), in(hours(1))));
  EXPECT_TRUE(child.is_off_by(seconds(5)));
  must(restore_clock(child.pid()));
  EXPECT_TRUE(child.is_off_by(Duration{0}));
}

// Every reading is right or wrong by exactly one of the offsets; never by a mixture of two.
TEST_F(ClockSkewTest, SurvivesBeingChangedAllTheTime) {
  const int changes = count(100'000, 10'000);
  const ClockChild child = must(ClockChild::start(3));
  const Duration far = hours(36) + milliseconds(999);
  child.report().allowed[1] = far.count();
  child.report().allowed[2] = -far.count();
  must(skew_clock(child.pid(), far, in(hours(1))));
  const ClockDial clock = must(ClockDial::open(child.pid()));
  for (int i = 0; i < changes; ++i) must(clock.set(i % 2 == 0 ? -far : far, in(hours(1))));
  EXPECT_TRUE(child.read_on());
  EXPECT_EQ(child.report().strange, 0U);
}

TEST_F(ClockSkewTest, SurvivesBeingPatchedAndRestoredAllTheTime) {
  const int changes = count(1'000, 200);
  const ClockChild child = must(ClockChild::start(3));
  child.report().allowed[1] = Duration(seconds(5)).count();
  for (int i = 0; i < changes; ++i) {
    must(skew_clock(child.pid(), seconds(5), in(hours(1))));
    must(restore_clock(child.pid()));
  }
  EXPECT_TRUE(child.is_off_by(Duration{0}));
  EXPECT_EQ(child.report().strange, 0U);
}

// Half of each store is back as it was, which only somebody else can have done.
TEST_F(ClockSkewTest, WhatSomebodyElseHasChangedIsLeftAlone) {
  const ClockChild child = must(ClockChild::start(0, 1));  // nobody runs into it
  must(skew_clock(child.pid(), seconds(5), in(hours(1))));
  const std::uint64_t start = must(find_vdso(must(mappings_of(child.pid())))).start;
  const TargetMemory memory = must(TargetMemory::open(child.pid()));
  for (const VdsoStore& store : must(make_clock_cave(must(own_vdso()), 0)).stores) {
    for (std::size_t i = 0; i < store.patched.size(); ++i) {
      if (store.patched[i] == store.original[i]) continue;
      must(memory.write(start + store.at + i, &store.original[i], 1));
      break;
    }
  }
  const VdsoImage foreign = vdso_code_of(child.pid());
  EXPECT_EQ(error_of(skew_clock(child.pid(), seconds(5), in(hours(1)))),
            "its vDSO is not this kernel's 64-bit one, or somebody else has changed it");
  must(restore_clock(child.pid()));
  EXPECT_EQ(vdso_code_of(child.pid()), foreign);
}

TEST_F(ClockSkewTest, AProcessThatIsGoneIsNotFound) {
  pid_t gone = 0;
  {
    const ClockChild child = must(ClockChild::start(1));
    gone = child.pid();
  }
  EXPECT_EQ(restore_clock(gone).error().code, Errc::kNotFound);
  EXPECT_EQ(skew_clock(gone, seconds(1), in(hours(1))).error().code, Errc::kNotFound);
}

}  // namespace
}  // namespace squall
