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

TEST(VdsoPrologue, RefusesWhatOneStoreCannotReplace) {
  // The jump would straddle two words; then comes an instruction that nobody knows.
  EXPECT_FALSE(hook_of({0xb8, 1, 0, 0, 0, 0x0f, 0x0b}, 0x804).ok());
  EXPECT_EQ(hook_of({0x0f, 0x0b}).error().what,
            "the vDSO function begins with no instruction that a jump can replace in one store (0f "
            "0b 90 90 90 90 90 90 90 90 90 90 90 90 90 90)");
  // Behind a branch not every call comes by: jb, then a long instruction.
  EXPECT_FALSE(hook_of({0x72, 0x10, 0xb8, 1, 0, 0, 0}).ok());
  // An `and` without a frame loses the stack pointer.
  EXPECT_FALSE(hook_of({0x48, 0x83, 0xe4, 0xf0, 0xb8, 1, 0, 0, 0}, 0x7fc).ok());
}

TEST(VdsoCave, StaysBehindTheImageAndChangesThreeWords) {
  const Result<VdsoImage> own = own_vdso();
  if (!own.ok()) GTEST_SKIP() << own.error().what;
  const Result<ClockCave> cave = make_clock_cave(*own, 0x123456789000);
  if (!cave.ok()) GTEST_SKIP() << cave.error().what;
  EXPECT_GE(cave->at, end_of_content(*own));
  EXPECT_LE(cave->stub_at + kStubRoom, own->size());
  for (const VdsoStore& store : cave->stores) {
    EXPECT_EQ(store.at % 8, 0U);
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
