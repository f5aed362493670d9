// Finds the one instruction at the head of a vDSO function that a jump can replace.
//
// A jump takes 5 bytes.  Written over several short instructions, it would tear apart a thread that
// had just run the first of them, or whose signal handler will return between them.  Written over
// one instruction of at least 5 bytes, and inside one aligned 8-byte word so that one store does
// it, every thread finds either the old instruction or the jump, whole.  Where the only such
// instruction crosses a word, nobody may run while it is written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernel/vdso.h"

namespace squall {

struct VdsoHook {
  std::uint64_t function = 0;  // where the function begins, bytes from the start of the mapping
  std::uint64_t at = 0;        // where the instruction begins that gives way to the jump
  std::uint64_t next = 0;      // where the one after it begins
  bool needs_stop = false;     // the jump crosses a word; it never crosses a page
  // Takes a thread that has come from `function` to `at` back to where it was when it entered:
  // registers that a caller may expect to be kept, the arguments, and the stack pointer.
  std::vector<std::uint8_t> undo;
};

// The first that needs no stop, else the first.  kUnsupported when no such instruction stands on
// the straight path from the entry; the text holds the first bytes, for a report.
[[nodiscard]] Result<VdsoHook> find_hook(const VdsoImage& image, const VdsoFunction& function);

// The instructions from `function` up to `next`, ready to run at `to`: what is relative to the
// instruction pointer is adjusted.
[[nodiscard]] Result<std::vector<std::uint8_t>> copy_prologue(const VdsoImage& image,
                                                              const VdsoHook& hook,
                                                              std::uint64_t to);

}  // namespace squall
