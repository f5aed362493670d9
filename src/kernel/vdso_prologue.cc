// A decoder for the few instructions that compilers put at the head of the vDSO's functions.  What
// it does not know ends the search: a guess would crash somebody else's program.
#include "kernel/vdso_prologue.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace squall {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t kJumpLength = 5;
constexpr std::uint64_t kWord = 8;
constexpr std::uint64_t kPage = 4096;
// No compiler needs as much to set up a frame.
constexpr std::uint64_t kMaxPrologue = 64;
constexpr std::size_t kLongestPop = 2;

// Registers by their number in an instruction, as bits.  The functions have two arguments at most,
// %rdi and %rsi.
constexpr unsigned kScratch = 0b0000'1111'0000'0111;    // rax, rcx, rdx, r8 … r11: nobody's
constexpr unsigned kPreserved = 0b1111'0000'0000'1000;  // rbx, r12 … r15: a push keeps them

struct Instruction {
  std::uint64_t length = 0;
  std::uint64_t displacement_at = 0;  // of a 32-bit one relative to the next instruction; 0: none
  Bytes undo;                         // its inverse, to be run in the opposite order
  bool is_frame = false;              // mov %rsp,%rbp: from here on %rbp knows the stack pointer
  bool is_blurring = false;           // and $imm,%rsp: only a frame can undo it
  bool is_plain = true;               // false: it may stand where the jump goes, not before
  unsigned pushes = 0;                // a bit: the register that its undo gives back
  unsigned changes = 0;               // a bit: the register that it writes to, if it may be any
};

// The field of the ModRM byte that names a register, with its fourth bit in the REX prefix.
enum class Operand { kNone, kReg, kRm };

// A pattern: fixed bytes, some with free bits, and how long the instruction is.
struct Pattern {
  std::array<std::uint8_t, 4> bytes{};
  std::array<std::uint8_t, 4> mask{};
  std::uint64_t fixed = 0;  // how many of them count
  std::uint64_t length = 0;
  std::uint64_t displacement_at = 0;
  bool is_plain = false;
  Operand writes = Operand::kNone;
};
constexpr std::array kPatterns = {
    Pattern{{0xf3, 0x0f, 0x1e, 0xfa}, {255, 255, 255, 255}, 4, 4, 0, true},  // endbr64
    Pattern{{0x83, 0xf8}, {255, 0xf8}, 2, 3, 0, true},                       // cmp $imm8,r32
    Pattern{{0x81, 0xf8}, {255, 0xf8}, 2, 6, 0, true},                       // cmp $imm32,r32
    Pattern{{0x85, 0xc0}, {255, 0xc0}, 2, 2, 0, true},                       // test r32,r32
    Pattern{{0x48, 0x85, 0xc0}, {0xfa, 255, 0xc0}, 3, 3, 0, true},           // test r64,r64
    Pattern{{0x0f, 0x80}, {255, 0xf0}, 2, 6, 2, false},                      // jcc rel32
    Pattern{{0xe9}, {255}, 1, 5, 1, false},                                  // jmp rel32
    Pattern{{0xb8}, {255}, 1, 5, 0, true},                                   // mov $imm32,%eax
    Pattern{{0x81, 0x3d}, {255, 255}, 2, 10, 2, true},                       // cmpl $imm32,x(%rip)
    Pattern{{0x83, 0x3d}, {255, 255}, 2, 7, 2, true},                        // cmpl $imm8,x(%rip)
    Pattern{{0x8b, 0x05}, {255, 255}, 2, 6, 2, true},                        // mov x(%rip),%eax
    Pattern{{0x8b, 0x0d}, {255, 255}, 2, 6, 2, true},                        // mov x(%rip),%ecx
    Pattern{{0x8b, 0x15}, {255, 255}, 2, 6, 2, true},                        // mov x(%rip),%edx
    Pattern{{0x44, 0x8b, 0x05}, {255, 255, 0xe7}, 3, 7, 3, true},  // mov x(%rip),%r8d … %r11d
    Pattern{{0x48, 0x8d, 0x05}, {0xfb, 255, 0xc7}, 3, 7, 3, true, Operand::kReg},  // lea x(%rip)
    Pattern{{0x48, 0x89, 0xc0}, {0xfa, 255, 0xc0}, 3, 3, 0, true, Operand::kRm},   // mov r64,r64
    Pattern{{0x48, 0x63, 0xc0}, {0xfa, 255, 0xc0}, 3, 3, 0, true, Operand::kReg},  // movslq
};

bool matches(const VdsoImage& image, std::uint64_t at, const Pattern& pattern) {
  for (std::uint64_t i = 0; i < pattern.fixed; ++i) {
    if ((image[at + i] & pattern.mask[i]) != pattern.bytes[i]) return false;
  }
  return true;
}

// What moves the stack pointer.  `at` has kMaxPrologue bytes behind it.
std::optional<Instruction> decode_stack(const VdsoImage& image, std::uint64_t at) {
  const std::uint8_t* code = image.data() + at;
  if ((code[0] & 0xf8) == 0x50 && code[0] != 0x54) {  // push r64, but not %rsp
    return Instruction{.length = 1,
                       .undo = {static_cast<std::uint8_t>(code[0] + 8)},
                       .pushes = 1U << (code[0] & 7U)};
  }
  if (code[0] == 0x41 && (code[1] & 0xf8) == 0x50) {  // push %r8 … %r15
    return Instruction{.length = 2,
                       .undo = {0x41, static_cast<std::uint8_t>(code[1] + 8)},
                       .pushes = 1U << (8U + (code[1] & 7U))};
  }
  if (std::memcmp(code, "\x48\x89\xe5", 3) == 0)
    return Instruction{.length = 3, .undo = {}, .is_frame = true};
  if (std::memcmp(code, "\x48\x83\xe4", 3) == 0) {  // and $imm8,%rsp
    return Instruction{.length = 4, .undo = {}, .is_blurring = true};
  }
  if (std::memcmp(code, "\x48\x83\xec", 3) == 0) {  // sub $imm8,%rsp: add $imm8,%rsp
    return Instruction{.length = 4, .undo = {0x48, 0x83, 0xc4, code[3]}};
  }
  if (std::memcmp(code, "\x48\x81\xec", 3) == 0) {  // sub $imm32,%rsp
    return Instruction{.length = 7, .undo = {0x48, 0x81, 0xc4, code[3], code[4], code[5], code[6]}};
  }
  return std::nullopt;
}

// With a REX prefix before the opcode and the ModRM byte.
unsigned register_of(const std::uint8_t* code, Operand operand) {
  if (operand == Operand::kNone) return 0;
  const unsigned low = operand == Operand::kReg ? code[2] >> 3U : code[2];
  const unsigned high = operand == Operand::kReg ? code[0] >> 2U : code[0];
  return 1U << ((low & 7U) | (high & 1U) << 3U);
}

std::optional<Instruction> decode(const VdsoImage& image, std::uint64_t at) {
  if (at + kMaxPrologue > image.size()) return std::nullopt;
  if (auto found = decode_stack(image, at)) return found;
  const auto* pattern = std::find_if(kPatterns.begin(), kPatterns.end(),
                                     [&](const Pattern& one) { return matches(image, at, one); });
  if (pattern == kPatterns.end()) return std::nullopt;
  Instruction found;
  found.length = pattern->length;
  found.displacement_at = pattern->displacement_at;
  found.is_plain = pattern->is_plain;
  found.changes = register_of(image.data() + at, pattern->writes);
  return found;
}

bool crosses(std::uint64_t at, std::uint64_t unit) {
  return at / unit != (at + kJumpLength - 1) / unit;
}

bool can_give_way(const Instruction& instruction, std::uint64_t at) {
  return instruction.length >= kJumpLength && instruction.undo.empty() && !crosses(at, kPage);
}

// Whether a jump may stand behind `one`: every call comes by, the arguments are as they were, and
// the undo gives back what the caller wants kept.  It pops nothing that was pushed behind an `and`.
bool may_stand_before(const Instruction& one, const std::vector<Instruction>& before) {
  unsigned changeable = kScratch;
  for (const Instruction& earlier : before) {
    if (earlier.is_blurring) break;
    changeable |= earlier.pushes & kPreserved;
  }
  return one.is_plain && (one.changes & ~changeable) == 0;
}

// Backwards through what has run.  Behind an `and` the distance is not known any more, so the frame
// says where its pushes ended: lea -8*pushes(%rbp),%rsp.
Bytes undo_of(const std::vector<Instruction>& before) {
  Bytes undo;
  const auto blur = std::find_if(before.begin(), before.end(),
                                 [](const Instruction& one) { return one.is_blurring; });
  if (blur != before.end()) {
    std::uint8_t pushes = 0;
    for (auto at = blur; at != before.begin() && !std::prev(at)->is_frame; --at) {
      if (!std::prev(at)->undo.empty()) ++pushes;
    }
    undo = {0x48, 0x8d, 0x65, static_cast<std::uint8_t>(-8 * pushes)};
  }
  for (auto at = std::make_reverse_iterator(blur); at != before.rend(); ++at) {
    undo.insert(undo.end(), at->undo.begin(), at->undo.end());
  }
  return undo;
}

// An `and` needs a frame before it and nothing but pushes in between.
bool is_undoable(const std::vector<Instruction>& before) {
  const auto blur = std::find_if(before.begin(), before.end(),
                                 [](const Instruction& one) { return one.is_blurring; });
  if (blur == before.end()) return true;
  for (auto at = blur; at != before.begin(); --at) {
    if (std::prev(at)->is_frame) return true;
    if (std::prev(at)->undo.size() > kLongestPop) return false;
  }
  return false;
}

std::string first_bytes(const VdsoImage& image, std::uint64_t at) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::uint64_t kShown = 16;
  std::string text;
  for (std::uint64_t i = at; i < std::min<std::uint64_t>(at + kShown, image.size()); ++i) {
    text += text.empty() ? "" : " ";
    text += kDigits[image[i] >> 4U];
    text += kDigits[image[i] & 15U];
  }
  return text;
}

}  // namespace

Result<VdsoHook> find_hook(const VdsoImage& image, const VdsoFunction& function) {
  const std::uint64_t end = function.at + std::min(function.size, kMaxPrologue);
  std::vector<Instruction> before;
  std::optional<VdsoHook> crossing;
  for (std::uint64_t at = function.at; at < end;) {
    const std::optional<Instruction> one = decode(image, at);
    if (!one || at + one->length > end || !is_undoable(before)) break;
    if (can_give_way(*one, at)) {
      VdsoHook hook{function.at, at, at + one->length, crosses(at, kWord), undo_of(before)};
      if (!hook.needs_stop) return hook;
      if (!crossing) crossing = std::move(hook);
    }
    if (!may_stand_before(*one, before)) break;
    before.push_back(*one);
    at += one->length;
  }
  if (crossing) return std::move(*crossing);
  return Error{Errc::kUnsupported,
               "the vDSO function begins with no instruction that a jump can replace (" +
                   first_bytes(image, function.at) + ")"};
}

Result<Bytes> copy_prologue(const VdsoImage& image, const VdsoHook& hook, std::uint64_t to) {
  Bytes copy(image.begin() + static_cast<std::ptrdiff_t>(hook.function),
             image.begin() + static_cast<std::ptrdiff_t>(hook.next));
  for (std::uint64_t at = hook.function; at < hook.next;) {
    const std::optional<Instruction> one = decode(image, at);
    if (!one) return Error{Errc::kUnsupported, "the vDSO function has changed"};
    if (one->displacement_at != 0) {
      std::uint8_t* field = copy.data() + (at - hook.function) + one->displacement_at;
      std::int32_t displacement = 0;
      std::memcpy(&displacement, field, sizeof displacement);
      displacement += static_cast<std::int32_t>(static_cast<std::int64_t>(hook.function) -
                                                static_cast<std::int64_t>(to));
      std::memcpy(field, &displacement, sizeof displacement);
    }
    at += one->length;
  }
  return copy;
}

}  // namespace squall
