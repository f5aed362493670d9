// The page that an agent shares with its delay line: leases in, counters and a sign of life out.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "agent/delay/delay_table.h"
#include "base/result.h"

namespace squall {

// Plain memory in a MAP_SHARED mapping; each field has one writer.
struct DelayBoard {
  // The line: CLOCK_BOOTTIME in ns of its last look around, at least every kLineBeat.
  std::atomic<std::int64_t> beat{0};
  std::atomic<std::uint64_t> sent{0};
  std::atomic<std::uint64_t> dropped{0};
  std::atomic<std::uint64_t> waiting{0};
  std::atomic<std::int64_t> late_ns{0};  // the sum over all sent packets
  // The line, before it acknowledges the rows it was given; jitter and the rest by what it answers.
  std::array<DelaySpec, kMaxDelayFaults> carried{};
  // The agent: CLOCK_BOOTTIME in ns.
  std::array<std::atomic<std::int64_t>, kMaxDelayFaults> expiries{};
};

// Shared with children forked later; unmapped by unmap_delay_board().
[[nodiscard]] Result<DelayBoard*> map_delay_board();
void unmap_delay_board(DelayBoard* board);

}  // namespace squall
