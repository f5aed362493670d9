// The cave's code, instruction by instruction (AT&T syntax, System V calling convention).
//
// Nothing in it writes to its own page: data is in the ClockPage, which is not executable.
#include "kernel/vdso_cave.h"

#include <algorithm>
#include <cstring>
#include <initializer_list>

#include "kernel/clock_page.h"
#include "kernel/vdso_prologue.h"

namespace squall {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t kCacheLine = 64;
constexpr std::uint64_t kWord = 8;

std::uint64_t round_up(std::uint64_t value, std::uint64_t to) {
  return (value + to - 1) / to * to;
}

// Appends instructions; knows where in the mapping it stands.
class Code {
 public:
  explicit Code(std::uint64_t origin) : origin_(origin) {}

  [[nodiscard]] std::uint64_t here() const { return origin_ + bytes_.size(); }
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  void put(std::initializer_list<int> bytes) {
    for (const int byte : bytes) bytes_.push_back(static_cast<std::uint8_t>(byte));
  }
  void put(const Bytes& bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  template <typename Number>
  void number(Number value) {
    const auto* raw = reinterpret_cast<const std::uint8_t*>(&value);
    bytes_.insert(bytes_.end(), raw, raw + sizeof value);
  }
  // call (e8) or jmp (e9) with a 32-bit distance.
  void go(int opcode, std::uint64_t target) {
    put({opcode});
    number(static_cast<std::int32_t>(static_cast<std::int64_t>(target) -
                                     static_cast<std::int64_t>(here() + 4)));
  }
  // A conditional jump forwards, bound to its target later.
  [[nodiscard]] std::size_t jump(int condition) {
    put({0x0f, condition, 0, 0, 0, 0});
    return bytes_.size();
  }
  void bind(std::initializer_list<std::size_t> jumps) {
    for (const std::size_t jump : jumps) {
      const auto distance = static_cast<std::int32_t>(bytes_.size() - jump);
      std::memcpy(bytes_.data() + jump - sizeof distance, &distance, sizeof distance);
    }
  }

 private:
  std::uint64_t origin_;
  Bytes bytes_;
};

constexpr int kJe = 0x84, kJne = 0x85, kJb = 0x82, kJae = 0x83, kCall = 0xe8, kJmp = 0xe9;

// movabs $page,%r10; movzbl selector(%r10),%r11d; add %r10,%r11: now the slot in force is at
// 32(%r11).
void load_page(Code& code, std::uint64_t page) {
  code.put({0x49, 0xba});
  code.number(page);
  code.put({0x45, 0x0f, 0xb6, 0x5a, offsetof(ClockPage, selector)});
  code.put({0x4d, 0x01, 0xd3});
}

// The true time that the original has just written, in %rax and %rcx, and packed in %rdx.
void load_time(Code& code) {
  code.put({0x49, 0x8b, 0x04, 0x24});        // mov (%r12),%rax
  code.put({0x49, 0x8b, 0x4c, 0x24, 0x08});  // mov 8(%r12),%rcx
  code.put({0x48, 0x89, 0xc2});              // mov %rax,%rdx
  code.put({0x48, 0xc1, 0xe2, 30});          // shl $30,%rdx
  code.put({0x48, 0x09, 0xca});              // or %rcx,%rdx
}

// Adds the slot's offset to %rax and %rcx, normalises, stores and counts.
void add_offset(Code& code) {
  code.put({0x4d, 0x8b, 0x43, 0x20});  // mov 32(%r11),%r8: the offset, packed
  code.put({0x45, 0x89, 0xc1});        // mov %r8d,%r9d
  code.put({0x41, 0x81, 0xe1});        // and $0x3fffffff,%r9d: its nanoseconds
  code.number(std::uint32_t{0x3fffffff});
  code.put({0x49, 0xc1, 0xf8, 30});  // sar $30,%r8: its seconds
  code.put({0x4c, 0x01, 0xc9});      // add %r9,%rcx
  code.put({0x4c, 0x01, 0xc0});      // add %r8,%rax
  code.put({0x48, 0x81, 0xf9});      // cmp $1000000000,%rcx
  code.number(std::uint32_t{1'000'000'000});
  const std::size_t is_normal = code.jump(kJb);
  code.put({0x48, 0x81, 0xe9});  // sub $1000000000,%rcx
  code.number(std::uint32_t{1'000'000'000});
  code.put({0x48, 0xff, 0xc0});  // inc %rax
  code.bind({is_normal});
  code.put({0x49, 0x89, 0x04, 0x24});         // mov %rax,(%r12)
  code.put({0x49, 0x89, 0x4c, 0x24, 0x08});   // mov %rcx,8(%r12)
  code.put({0x48, 0x89, 0xe1});               // mov %rsp,%rcx: stacks differ between threads
  code.put({0xc1, 0xe9, 13});                 // shr $13,%ecx
  code.put({0x83, 0xe1, kClockStripes - 1});  // and $31,%ecx
  code.put({0xc1, 0xe1, 6});                  // shl $6,%ecx
  code.put({0x49, 0xff, 0x84, 0x0a});         // incq 2048(%r10,%rcx)
  code.number(std::uint32_t{offsetof(ClockPage, stripes)});
}

// clock_gettime(%edi, %rsi) with the stack as at a function's entry.  `original` runs the true one.
void put_clock_gettime(Code& code, std::uint64_t original, std::uint64_t page) {
  code.put({0x53});                  // push %rbx
  code.put({0x41, 0x54});            // push %r12
  code.put({0x48, 0x83, 0xec, 24});  // sub $24,%rsp: a timespec, and calls want 16 bytes aligned
  code.put({0x89, 0xfb});            // mov %edi,%ebx
  code.put({0x49, 0x89, 0xf4});      // mov %rsi,%r12
  code.go(kCall, original);
  code.put({0x85, 0xc0});  // test %eax,%eax
  const std::size_t has_failed = code.jump(kJne);
  code.put({0x85, 0xdb});  // test %ebx,%ebx: CLOCK_REALTIME
  const std::size_t is_realtime = code.jump(kJe);
  code.put({0x83, 0xfb, 5});  // cmp $5,%ebx: CLOCK_REALTIME_COARSE
  const std::size_t is_other = code.jump(kJne);
  code.bind({is_realtime});
  load_page(code, page);
  code.put({0x49, 0x83, 0x7b, 0x28, 0});  // cmpq $0,40(%r11): no skew at all
  const std::size_t is_off = code.jump(kJe);
  load_time(code);
  code.put({0x49, 0x89, 0xd0});                                // mov %rdx,%r8
  code.put({0x4d, 0x2b, 0x42, offsetof(ClockPage, checked)});  // sub 24(%r10),%r8
  code.put({0x49, 0x81, 0xf8});  // cmp $10000000,%r8: unsigned, so a step back looks too
  code.number(static_cast<std::uint32_t>(kClockLook.count()));
  const std::size_t must_look = code.jump(kJae);
  const std::uint64_t is_live = code.here();
  add_offset(code);
  const std::uint64_t is_done = code.here();
  code.put({0x31, 0xc0});  // xor %eax,%eax
  code.bind({has_failed, is_other, is_off});
  code.put({0x48, 0x83, 0xc4, 24});  // add $24,%rsp
  code.put({0x41, 0x5c});            // pop %r12
  code.put({0x5b});                  // pop %rbx
  code.put({0xc3});                  // ret

  code.bind({must_look});
  code.put({0xbf});  // mov $7,%edi: CLOCK_BOOTTIME
  code.number(std::uint32_t{7});
  code.put({0x48, 0x89, 0xe6});  // mov %rsp,%rsi
  code.go(kCall, original);
  code.put({0x85, 0xc0});  // test %eax,%eax: nobody knows, so the true time
  const std::size_t is_known = code.jump(kJe);
  code.go(kJmp, is_done);
  code.bind({is_known});
  load_page(code, page);
  code.put({0x48, 0x8b, 0x04, 0x24});        // mov (%rsp),%rax
  code.put({0x48, 0xc1, 0xe0, 30});          // shl $30,%rax
  code.put({0x48, 0x0b, 0x44, 0x24, 0x08});  // or 8(%rsp),%rax
  code.put({0x49, 0x3b, 0x43, 0x28});        // cmp 40(%r11),%rax: against the expiry
  const std::size_t is_leased = code.jump(kJb);
  code.go(kJmp, is_done);
  code.bind({is_leased});
  load_time(code);
  code.put({0x49, 0x89, 0x52, offsetof(ClockPage, checked)});  // mov %rdx,24(%r10)
  code.go(kJmp, is_live);
}

// gettimeofday(%rdi, %rsi), by way of clock_gettime.  The time zone is the kernel's.
void put_gettimeofday(Code& code, std::uint64_t clock_gettime) {
  code.put({0x53});                  // push %rbx
  code.put({0x41, 0x54});            // push %r12
  code.put({0x48, 0x83, 0xec, 24});  // sub $24,%rsp
  code.put({0x48, 0x89, 0xfb});      // mov %rdi,%rbx
  code.put({0x48, 0x85, 0xf6});      // test %rsi,%rsi
  const std::size_t has_no_zone = code.jump(kJe);
  code.put({0x31, 0xff});  // xor %edi,%edi
  code.put({0xb8});        // mov $96,%eax: gettimeofday(NULL, zone)
  code.number(std::uint32_t{96});
  code.put({0x0f, 0x05});  // syscall
  code.put({0x85, 0xc0});  // test %eax,%eax
  const std::size_t zone_failed = code.jump(kJne);
  code.bind({has_no_zone});
  code.put({0x31, 0xc0});        // xor %eax,%eax
  code.put({0x48, 0x85, 0xdb});  // test %rbx,%rbx
  const std::size_t has_no_time = code.jump(kJe);
  code.put({0x31, 0xff});        // xor %edi,%edi: CLOCK_REALTIME
  code.put({0x48, 0x89, 0xe6});  // mov %rsp,%rsi
  code.go(kCall, clock_gettime);
  code.put({0x85, 0xc0});  // test %eax,%eax
  const std::size_t has_failed = code.jump(kJne);
  code.put({0x48, 0x8b, 0x04, 0x24});        // mov (%rsp),%rax
  code.put({0x48, 0x89, 0x03});              // mov %rax,(%rbx)
  code.put({0x48, 0x69, 0x44, 0x24, 0x08});  // imul $0x10624dd3,8(%rsp),%rax: 2^38 / 1000
  code.number(std::uint32_t{0x10624dd3});
  code.put({0x48, 0xc1, 0xe8, 38});    // shr $38,%rax: microseconds
  code.put({0x48, 0x89, 0x43, 0x08});  // mov %rax,8(%rbx)
  code.put({0x31, 0xc0});              // xor %eax,%eax
  code.bind({zone_failed, has_no_time, has_failed});
  code.put({0x48, 0x83, 0xc4, 24});  // add $24,%rsp
  code.put({0x41, 0x5c});            // pop %r12
  code.put({0x5b});                  // pop %rbx
  code.put({0xc3});                  // ret
}

// time(%rdi), by way of clock_gettime.
void put_time(Code& code, std::uint64_t clock_gettime) {
  code.put({0x53});                  // push %rbx
  code.put({0x48, 0x83, 0xec, 16});  // sub $16,%rsp
  code.put({0x48, 0x89, 0xfb});      // mov %rdi,%rbx
  code.put({0xbf});                  // mov $5,%edi: CLOCK_REALTIME_COARSE, as the original
  code.number(std::uint32_t{5});
  code.put({0x48, 0x89, 0xe6});  // mov %rsp,%rsi
  code.go(kCall, clock_gettime);
  code.put({0x48, 0x8b, 0x04, 0x24});  // mov (%rsp),%rax: this clock cannot fail
  code.put({0x48, 0x85, 0xdb});        // test %rbx,%rbx
  const std::size_t has_no_place = code.jump(kJe);
  code.put({0x48, 0x89, 0x03});  // mov %rax,(%rbx)
  code.bind({has_no_place});
  code.put({0x48, 0x83, 0xc4, 16});  // add $16,%rsp
  code.put({0x5b});                  // pop %rbx
  code.put({0xc3});                  // ret
}

Result<VdsoHook> hook_of(const VdsoImage& pristine, std::string_view name) {
  const VdsoFunction function = TRY(find_function(pristine, name));
  return find_hook(pristine, function).in(std::string(name));
}

VdsoStore store_of(const VdsoImage& pristine, const VdsoHook& hook, std::uint64_t target) {
  VdsoStore store;
  store.at = hook.at / kWord * kWord;
  Code jump(hook.at);
  jump.go(kJmp, target);
  const std::uint8_t* begin = pristine.data() + store.at;
  store.original.assign(begin, begin + (hook.needs_stop ? 2 * kWord : kWord));
  store.patched = store.original;
  std::memcpy(store.patched.data() + (hook.at - store.at), jump.bytes().data(),
              jump.bytes().size());
  return store;
}

}  // namespace

std::uint64_t cave_offset(const VdsoImage& pristine) {
  return round_up(end_of_content(pristine), kCacheLine);
}

Result<ClockCave> make_clock_cave(const VdsoImage& pristine, std::uint64_t page) {
  const VdsoHook clock = TRY(hook_of(pristine, "__vdso_clock_gettime"));
  const VdsoHook day = TRY(hook_of(pristine, "__vdso_gettimeofday"));
  const VdsoHook time = TRY(hook_of(pristine, "__vdso_time"));

  ClockCave cave;
  cave.at = cave_offset(pristine);
  Code code(cave.at);
  code.number(CaveHeader{kCaveName, page});
  // The true clock_gettime: its head again, then on behind the jump.
  const std::uint64_t original = code.here();
  code.put(TRY(copy_prologue(pristine, clock, original)));
  code.go(kJmp, clock.next);
  // Each jump leads to the undoing of what has run of the head, and then to the new function.
  const std::uint64_t from_clock = code.here();
  code.put(clock.undo);
  const std::uint64_t clock_gettime = code.here();
  put_clock_gettime(code, original, page);
  const std::uint64_t from_day = code.here();
  code.put(day.undo);
  put_gettimeofday(code, clock_gettime);
  const std::uint64_t from_time = code.here();
  code.put(time.undo);
  put_time(code, clock_gettime);

  cave.stub_at = round_up(code.here(), kWord);
  if (cave.stub_at + kStubRoom > pristine.size()) {
    return Error{Errc::kUnsupported, "the vDSO has no room for " +
                                         std::to_string(cave.stub_at + kStubRoom - cave.at) +
                                         " bytes behind its image"};
  }
  cave.bytes = code.bytes();
  cave.stores = {store_of(pristine, clock, from_clock), store_of(pristine, day, from_day),
                 store_of(pristine, time, from_time)};
  std::stable_partition(cave.stores.begin(), cave.stores.end(),
                        [](const VdsoStore& store) { return store.needs_stop(); });
  return cave;
}

}  // namespace squall
