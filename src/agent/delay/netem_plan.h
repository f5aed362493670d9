// Which netem each combination of faults needs.  Pure: faults in, settings out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "agent/delay/delay_backend.h"
#include "kernel/traffic_control.h"

namespace squall {

// Each fault owns a bit of the mark, its slot's.  The bits of a packet together are the number of
// its band: a packet that faults 0 and 2 delay is sent through band 5.  When the lease of one of
// them lapses, the kernel marks the next packet for band 1 or 4, and nobody has to do anything.
inline constexpr std::size_t kNetemSlots = 4;
static_assert((1U << kNetemSlots) == kBands);

// By band; of all combinations of the slots in use.
using NetemPlan = std::map<std::uint32_t, NetemSetting>;

// The band of the packets that only this fault delays.
[[nodiscard]] std::uint32_t band_of_slot(std::size_t slot);
// kUnsupported, with the reason, for what netem cannot do exactly.
[[nodiscard]] Result<NetemPlan> plan_netem(const std::vector<DelayRow>& rows);
// "band 3: delay 70ms ± 5ms (4096 quantiles), limit 14000", one line each.
[[nodiscard]] std::string to_text(const NetemPlan& plan);

}  // namespace squall
