// The vDSO's tables, heads of functions, and the cave as bytes; without touching a process.
#include "kernel/vdso.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "kernel/clock_page.h"
#include "kernel/vdso_cave.h"
#include "kernel/vdso_prologue.h"

namespace squall {
namespace {

using Bytes = std::vector<std::uint8_t>;

// A function that begins so, in an image of two pages.
VdsoImage image_of(const Bytes& code, std::uint64_t at = 0x800) {
  VdsoImage image(0x2000, 0x90);
  std::copy(code.begin(), code.end(), image.begin() + static_cast<std::ptrdiff_t>(at));
  return image;
}

Result<VdsoHook> hook_of(const Bytes& code, std::uint64_t at = 0x800) {
  return find_hook(image_of(code, at), {at, 200});
}

TEST(Vdso, ParsesLinesOfMaps) {
  const Result<MemoryMapping> mapping =
      parse_mapping("7f00-8f00 rw-s 00001000 00:01 1234   /dev/zero (deleted)");
  ASSERT_TRUE(mapping.ok()) << mapping.error().what;
  EXPECT_EQ(mapping->start, 0x7f00U);
  EXPECT_EQ(mapping->end, 0x8f00U);
  EXPECT_EQ(mapping->permissions, "rw-s");
  EXPECT_EQ(mapping->inode, 1234U);
  EXPECT_EQ(mapping->name, "/dev/zero (deleted)");
  for (const char* bad : {"", "7f00", "8f00-7f00 rw-s 0 00:01 1 x", "7f00-8f00 rw 0 00:01 1 x",
                          "7f00-8f00 rw-s 0 00:01 x x"}) {
    EXPECT_FALSE(parse_mapping(bad).ok()) << bad;
  }
}

TEST(Vdso, FindsFunctionsByTheirExactNames) {
  const Result<VdsoImage> own = own_vdso();
  if (!own.ok()) GTEST_SKIP() << own.error().what;
  for (const char* name : {"__vdso_clock_gettime", "__vdso_gettimeofday", "__vdso_time"}) {
    const Result<VdsoFunction> function = find_function(*own, name);
    ASSERT_TRUE(function.ok()) << function.error().what;
    EXPECT_GT(function->size, 5U);
    EXPECT_LT(function->at + function->size, end_of_content(*own));
  }
  EXPECT_EQ(find_function(*own, "__vdso_clock").error().what, "the vDSO has no '__vdso_clock'");
  EXPECT_EQ(find_function(*own, "__vdso_time2").error().code, Errc::kUnsupported);
}

TEST(Vdso, TrustsNoOffsetOfABrokenImage) {
  const Result<VdsoImage> own = own_vdso();
  if (!own.ok()) GTEST_SKIP() << own.error().what;
  EXPECT_FALSE(find_function({}, "__vdso_time").ok());
  EXPECT_FALSE(find_function(VdsoImage(64), "__vdso_time").ok());
  // Every cut and every byte set to ones: an answer, whichever, and never a read outside.
  for (std::size_t size = 0; size < 0x800; size += 7) {
    const VdsoImage cut(own->begin(), own->begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(find_function(cut, "__vdso_none").ok());
  }
  for (std::size_t at = 0; at < 0x600; ++at) {
    VdsoImage broken = *own;
    broken[at] = 0xff;
    EXPECT_FALSE(find_function(broken, "__vdso_none").ok());
  }
}

TEST(VdsoPrologue, TakesTheFirstInstructionIfAJumpFits) {
  const Result<VdsoHook> hook = hook_of({0x81, 0x3d, 1, 0, 0, 0, 2, 0, 0, 0, 0xc3});
  ASSERT_TRUE(hook.ok()) << hook.error().what;
  EXPECT_EQ(hook->at, 0x800U);
  EXPECT_EQ(hook->next, 0x80aU);
  EXPECT_TRUE(hook->undo.empty());
}

TEST(VdsoPrologue, UndoesPushesAndAFrame) {
  // push %rbp; mov %rsp,%rbp; push %r14; push %rbx; and $-16,%rsp; sub $16,%rsp; cmp $23,%edi; ja
  const Bytes code = {0x55, 0x48, 0x89, 0xe5, 0x41, 0x56, 0x53, 0x48, 0x83, 0xe4, 0xf0, 0x48,
                      0x83, 0xec, 0x10, 0x83, 0xff, 0x17, 0x0f, 0x87, 0xd2, 0,    0,    0};
  const Result<VdsoHook> hook = hook_of(code, 0x7f0);
  ASSERT_TRUE(hook.ok()) << hook.error().what;
  EXPECT_EQ(hook->at, 0x802U);
  EXPECT_EQ(hook->next, 0x808U);
  // lea -16(%rbp),%rsp; pop %rbx; pop %r14; pop %rbp
  EXPECT_EQ(hook->undo, (Bytes{0x48, 0x8d, 0x65, 0xf0, 0x5b, 0x41, 0x5e, 0x5d}));
  // A copy elsewhere jumps to the same place: 0x808 + 0xd2 from 0x1018.
  const Result<Bytes> copy = copy_prologue(image_of(code, 0x7f0), *hook, 0x1000);
  ASSERT_TRUE(copy.ok());
  EXPECT_EQ(Bytes(copy->end() - 4, copy->end()), (Bytes{0xc2, 0xf8, 0xff, 0xff}));
}

// Linux 6.1 of Debian 12: push %rbp; mov %rsp,%rbp; push %r13; push %r12; mov %rsi,%r12; push %rbx;
// movslq %edi,%rbx; cmp $15,%ebx; ja 0xa1d
const Bytes kClockGettime = {0x55, 0x48, 0x89, 0xe5, 0x41, 0x55, 0x41, 0x54, 0x49, 0x89, 0xf4, 0x53,
                             0x48, 0x63, 0xdf, 0x83, 0xfb, 0x0f, 0x0f, 0x87, 0xa5, 0,    0,    0};
// push %rbp; mov %rdi,%r10; mov %rsi,%r11; mov %rsp,%rbp; push %r12; lea -0x4713(%rip),%r12;
// push %rbx; test %rdi,%rdi; je 0x830
const Bytes kGettimeofday = {0x55, 0x49, 0x89, 0xfa, 0x49, 0x89, 0xf3, 0x48, 0x89, 0xe5,
                             0x41, 0x54, 0x4c, 0x8d, 0x25, 0xed, 0xb8, 0xff, 0xff, 0x53,
                             0x48, 0x85, 0xff, 0x0f, 0x84, 0x93, 0,    0,    0};
// lea -0x18b7(%rip),%rax; lea -0x48be(%rip),%rdx
const Bytes kTime = {0x48, 0x8d, 0x05, 0x49, 0xe7, 0xff, 0xff,
                     0x48, 0x8d, 0x15, 0x42, 0xb7, 0xff, 0xff};

TEST(VdsoPrologue, PopsWhatACallerWantsKept) {
  const Result<VdsoHook> hook = hook_of(kClockGettime, 0x960);
  ASSERT_TRUE(hook.ok()) << hook.error().what;
  EXPECT_EQ(hook->at, 0x972U);  // ja
  EXPECT_EQ(hook->next, 0x978U);
  EXPECT_FALSE(hook->needs_stop);
  // pop %rbx; pop %r12; pop %r13; pop %rbp
  EXPECT_EQ(hook->undo, (Bytes{0x5b, 0x41, 0x5c, 0x41, 0x5d, 0x5d}));
  // A copy elsewhere jumps to the same place: 0x978 + 0xa5 from 0x1018.
  const Result<Bytes> copy = copy_prologue(image_of(kClockGettime, 0x960), *hook, 0x1000);
  ASSERT_TRUE(copy.ok());
  EXPECT_EQ(Bytes(copy->end() - 4, copy->end()), (Bytes{0x05, 0xfa, 0xff, 0xff}));
}

TEST(VdsoPrologue, TakesOneThatCrossesAWordIfThereIsNoOther) {
  const Result<VdsoHook> hook = hook_of(kGettimeofday, 0x780);
  ASSERT_TRUE(hook.ok()) << hook.error().what;
  EXPECT_EQ(hook->at, 0x78cU);  // lea
  EXPECT_EQ(hook->next, 0x793U);
  EXPECT_TRUE(hook->needs_stop);
  EXPECT_EQ(hook->undo, (Bytes{0x41, 0x5c, 0x5d}));  // pop %r12; pop %rbp
  // A copy elsewhere points to the same place: 0x793 - 0x4713 from 0x1013.
  const Result<Bytes> copy = copy_prologue(image_of(kGettimeofday, 0x780), *hook, 0x1000);
  ASSERT_TRUE(copy.ok());
  EXPECT_EQ(Bytes(copy->end() - 7, copy->end()), (Bytes{0x4c, 0x8d, 0x25, 0x6d, 0xb0, 0xff, 0xff}));
  // The same code nine bytes on: now the je lies in one word, and nobody need be stopped.
  const Result<VdsoHook> moved = hook_of(kGettimeofday, 0x789);
  ASSERT_TRUE(moved.ok()) << moved.error().what;
  EXPECT_EQ(moved->at, 0x7a0U);
  EXPECT_FALSE(moved->needs_stop);
  EXPECT_EQ(moved->undo, (Bytes{0x5b, 0x41, 0x5c, 0x5d}));  // and pop %rbx first
}

TEST(VdsoPrologue, PrefersWhatNeedsNoStop) {
  const Result<VdsoHook> hook = hook_of(kTime, 0x930);
  ASSERT_TRUE(hook.ok()) << hook.error().what;
  EXPECT_EQ(hook->at, 0x930U);
  EXPECT_FALSE(hook->needs_stop);
  // Four bytes on, the first crosses a word and the second does not.
  const Result<VdsoHook> moved = hook_of(kTime, 0x934);
  ASSERT_TRUE(moved.ok()) << moved.error().what;
  EXPECT_EQ(moved->at, 0x93bU);
  EXPECT_FALSE(moved->needs_stop);
}

TEST(VdsoPrologue, NeverCrossesAPage) {
  EXPECT_TRUE(hook_of({0xb8, 1, 0, 0, 0, 0x0f, 0x0b}, 0xffb).ok());
  EXPECT_FALSE(hook_of({0xb8, 1, 0, 0, 0, 0x0f, 0x0b}, 0xffc).ok());
}

TEST(VdsoPrologue, EndsWhereTheArgumentsOrTheCallersRegistersChange) {
  // mov $1,%eax behind an instruction of 3 bytes, or a push before it.
  const auto is_possible_behind = [](Bytes code) {
    code.insert(code.end(), {0xb8, 1, 0, 0, 0});
    return hook_of(code).ok();
  };
  EXPECT_TRUE(is_possible_behind({0x49, 0x89, 0xfa}));         // mov %rdi,%r10
  EXPECT_TRUE(is_possible_behind({0x48, 0x89, 0xf2}));         // mov %rsi,%rdx
  EXPECT_FALSE(is_possible_behind({0x48, 0x89, 0xc7}));        // mov %rax,%rdi
  EXPECT_FALSE(is_possible_behind({0x48, 0x89, 0xc6}));        // mov %rax,%rsi
  EXPECT_FALSE(is_possible_behind({0x48, 0x63, 0xff}));        // movslq %edi,%rdi
  EXPECT_FALSE(is_possible_behind({0x48, 0x89, 0xc4}));        // mov %rax,%rsp
  EXPECT_FALSE(is_possible_behind({0x48, 0x63, 0xdf}));        // movslq %edi,%rbx
  EXPECT_TRUE(is_possible_behind({0x53, 0x48, 0x63, 0xdf}));   // … once it is pushed
  EXPECT_FALSE(is_possible_behind({0x53, 0x49, 0x89, 0xf4}));  // mov %rsi,%r12 behind another
  EXPECT_TRUE(is_possible_behind({0x41, 0x54, 0x49, 0x89, 0xf4}));
  EXPECT_FALSE(is_possible_behind({0x57, 0x48, 0x89, 0xc7}));  // an argument is never changed
  EXPECT_FALSE(is_possible_behind({0x55, 0x48, 0x89, 0xc5}));  // nor is the frame's register
  // A push behind the `and` of a frame is not popped.
  EXPECT_FALSE(
      is_possible_behind({0x55, 0x48, 0x89, 0xe5, 0x48, 0x83, 0xe4, 0xf0, 0x53, 0x48, 0x63, 0xdf}));
}

TEST(VdsoPrologue, RefusesWhatNoJumpCanReplace) {
  EXPECT_EQ(hook_of({0x0f, 0x0b}).error().what,
            "the vDSO function begins with no instruction that a jump can replace (0f 0b 90 90 90 "
            "90 90 90 90 90 90 90 90 90 90 90)");
  // Behind a branch not every call comes by: jb, then a long instruction.
  EXPECT_FALSE(hook_of({0x72, 0x10, 0xb8, 1, 0, 0, 0}).ok());
  // An `and` without a frame loses the stack pointer.
  EXPECT_FALSE(hook_of({0x48, 0x83, 0xe4, 0xf0, 0xb8, 1, 0, 0, 0}, 0x7fc).ok());
}

TEST(VdsoCave, StaysBehindTheImageAndChangesWholeWords) {
  const Result<VdsoImage> own = own_vdso();
  if (!own.ok()) GTEST_SKIP() << own.error().what;
  const Result<ClockCave> cave = make_clock_cave(*own, 0x123456789000);
  if (!cave.ok()) GTEST_SKIP() << cave.error().what;
  EXPECT_GE(cave->at, end_of_content(*own));
  EXPECT_LE(cave->stub_at + kStubRoom, own->size());
  for (const VdsoStore& store : cave->stores) {
    EXPECT_EQ(store.at % 8, 0U);
    EXPECT_EQ(store.patched.size(), store.needs_stop() ? 16U : 8U);
    EXPECT_EQ(store.original.size(), store.patched.size());
    EXPECT_NE(store.original, store.patched);
  }
}

TEST(VdsoCave, NeedsRoom) {
  const Result<VdsoImage> own = own_vdso();
  if (!own.ok()) GTEST_SKIP() << own.error().what;
  VdsoImage full = *own;
  full.back() = 1;
  EXPECT_EQ(make_clock_cave(full, 0).error().code, Errc::kUnsupported);
}

TEST(ClockPage, PacksTimesInOrder) {
  using std::chrono::seconds;
  for (const Duration time :
       {Duration{0}, Duration{1}, Duration{-1}, Duration(seconds(1)), -Duration(seconds(90)),
        Duration(seconds(1'700'000'000)) - Duration{1}}) {
    EXPECT_EQ(unpack_time(pack_time(time)), time);
    EXPECT_LT(pack_time(time - Duration{1}), pack_time(time));
    EXPECT_LT(pack_time(time) & ((std::int64_t{1} << 30) - 1), 1'000'000'000);
  }
}

}  // namespace
}  // namespace squall
