// The machine code that skews a process's clock, and where it goes in that process's vDSO.
//
//   [vdso]  clock_gettime:  push…; JUMP ───────┐     one instruction of each function gives way
//           gettimeofday:   push…; JUMP ──────┐│
//           time:           JUMP ────────────┐││
//           (zeros behind the image)  cave: «««┘ ──calls──▶ the rest of clock_gettime
//   [shared page]  offset, expiry, counters  ▲ reads and counts
//
// The cave calls the original clock_gettime, and if that succeeded, for CLOCK_REALTIME and
// CLOCK_REALTIME_COARSE, adds the offset while the boot clock is before the expiry.  Every other
// clock and every failed call is as the original left it.  Pure: bytes in, bytes out.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "kernel/vdso.h"

namespace squall {

// What the jump of one function changes: an aligned 8-byte word, so that one store does it; or two,
// which are written together while nobody runs (kernel/stopped_process.h), and never cross a page.
struct VdsoStore {
  std::uint64_t at = 0;  // bytes from the start of the mapping, divisible by 8
  std::vector<std::uint8_t> original;
  std::vector<std::uint8_t> patched;  // of the same size
  [[nodiscard]] bool needs_stop() const { return patched.size() > sizeof(std::uint64_t); }
};

// Stands at the start of the cave.
struct CaveHeader {
  std::array<char, 16> name{};  // kCaveName
  std::uint64_t page = 0;       // address of the ClockPage in the process
};
inline constexpr std::array<char, 16> kCaveName = {'s', 'q', 'u', 'a', 'l', 'l', '-',
                                                   'c', 'a', 'v', 'e', ' ', '1'};

struct ClockCave {
  std::uint64_t at = 0;             // bytes from the start of the mapping
  std::vector<std::uint8_t> bytes;  // header and code
  std::uint64_t stub_at = 0;        // room for the stub of kernel/remote_call.h
  std::array<VdsoStore, 3> stores;  // those first that need a stop
};

// Where the cave of this image begins; the same in every process of this boot.
[[nodiscard]] std::uint64_t cave_offset(const VdsoImage& pristine);

// kUnsupported when the vDSO has no room behind its image, lacks a function, or begins one in a
// way that cannot be patched safely.
[[nodiscard]] Result<ClockCave> make_clock_cave(const VdsoImage& pristine, std::uint64_t page);

// How much room the stub may take.
inline constexpr std::uint64_t kStubRoom = 128;

}  // namespace squall
