// How a fault makes a link worse: late packets and lost ones, as values with their statistics.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace squall {

// Below the first a delay would drown in the noise of timers; beyond the second nobody waits.
inline constexpr Duration kDelayMin = std::chrono::microseconds(100);
inline constexpr Duration kDelayMax = std::chrono::seconds(60);

// How the delays of packets scatter around `delay`.
enum class DelayShape {
  kUniform,  // evenly within delay ± jitter
  kNormal,   // the jitter is the standard deviation; what would be negative is 0
  kPareto,   // a long tail to the late side (shape 3); mean `delay`, standard deviation `jitter`
};
inline constexpr std::string_view kDelayShapes = "uniform|normal|pareto";

struct DelaySpec {
  Duration delay{0};
  Duration jitter{0};      // at most the delay
  double correlation = 0;  // [0, 1): of a packet's delay with that of the packet before it
  DelayShape shape = DelayShape::kUniform;
  friend bool operator==(const DelaySpec&, const DelaySpec&) = default;
};
[[nodiscard]] Result<DelayShape> parse_delay_shape(std::string_view text);
// kInvalid for what would do nothing, or cannot be done.
[[nodiscard]] Result<> check_delay(const DelaySpec& spec);
// The delay of a packet whose standard normal deviate is `z`; in [0, kDelayMax].
[[nodiscard]] Duration delay_at(const DelaySpec& spec, double z);
// Half of the packets are earlier.
[[nodiscard]] Duration median_of(const DelaySpec& spec);
[[nodiscard]] Duration deviation_of(const DelaySpec& spec);
// "50ms", "50ms ± 10ms normal, correlation 25%"
[[nodiscard]] std::string to_text(const DelaySpec& spec);

// Dice are thrown in millionths.
inline constexpr std::uint32_t kMillion = 1'000'000;

// Loss in bursts after Gilbert (Bell System Technical Journal 39, 1960): a good state that loses
// nothing, and a bad one that loses everything.  A packet that comes in the good state begins a
// burst with probability `enter`; after each lost packet the burst ends with probability `leave`.
// leave = 1 is independent loss.  In millionths, so that what the kernel does compares exactly.
struct LossSpec {
  std::uint32_t enter = 0;
  std::uint32_t leave = kMillion;
  friend bool operator==(const LossSpec&, const LossSpec&) = default;

  [[nodiscard]] bool is_burst() const { return leave < kMillion; }
};
// `probability` in the long run, in bursts of `burst` packets on average (1: independent).
// kInvalid for a loss that would do nothing, or a burst of less than one packet.
[[nodiscard]] Result<LossSpec> make_loss(double probability, double burst);
// In the long run: enter / (enter + leave - enter * leave).
[[nodiscard]] double probability_of(const LossSpec& spec);
// In packets: 1 / leave.
[[nodiscard]] double burst_of(const LossSpec& spec);
// The standard deviation of the lost share among `packets`.
[[nodiscard]] double share_deviation(const LossSpec& spec, double packets);
// "5%", "5% in bursts of 4"
[[nodiscard]] std::string to_text(const LossSpec& spec);

// "5%", "0.0125%": of a share in [0, 1], four significant digits.
[[nodiscard]] std::string percent_text(double share);

}  // namespace squall
