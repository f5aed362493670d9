// Whether each bound of an SLO holds in each phase, with a stated confidence.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "checker/slo_bounds.h"
#include "checker/statistics.h"

namespace squall {

// One bound in one phase.
struct SloTest {
  std::size_t phase = 0;  // index into the phases
  SloBound bound{};
  std::uint64_t operations = 0;
  std::uint64_t missed = 0;  // of kGoodputRate: those that were not good
  double seconds = 0;        // the length of the phase
  double effective = 0;      // operations / samples_per_effective
  double p_if_kept = 1;      // of a sample this bad if the bound is kept; small: it is broken
  double p_if_broken = 1;    // of a sample this good if it is broken; small: it is kept
  bool is_broken = false;
  bool is_kept = false;
  // Undecided: how many operations like these would decide; nothing if no number would.
  std::optional<std::uint64_t> needed{};
};

// All bounds in all phases in which they hold and something was scheduled.
//
// Broken: with Holm's correction over all tests (Holm 1979), so that one of them is broken by
// chance at most as often as 1 - confidence.  Kept: without one, because the promise is kept only
// if every bound is.  A bound of 100% speaks of the sample: no number of operations would prove it.
[[nodiscard]] std::vector<SloTest> test_slo(const SloPromise& promise, const SloSamples& samples,
                                            const std::vector<Phase>& phases);

// Of one phase, in the order of the schedule.
[[nodiscard]] std::vector<SloSample> samples_of(const SloSamples& samples, const Phase& phase);

// A sample quantile (nearest rank) and its bounds with `confidence` on each side, by the order
// statistics at the bounds of its share.  kNever: not answered.
struct QuantileBounds {
  std::int64_t low = 0;  // all in ns
  std::int64_t value = 0;
  std::int64_t high = 0;
  double effective = 0;  // samples
};
// `in_order`: one phase's samples by schedule, not empty; `sorted`: their latencies.
[[nodiscard]] QuantileBounds quantile_bounds(const std::vector<SloSample>& in_order,
                                             const std::vector<std::int64_t>& sorted,
                                             double quantile, double confidence);
// The least value that at least `quantile` of them do not exceed; `sorted` is not empty.
[[nodiscard]] std::int64_t nearest_rank(const std::vector<std::int64_t>& sorted, double quantile);

}  // namespace squall
