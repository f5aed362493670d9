// Exact tests of shares and rates that do not assume independence: what is correlated counts as
// fewer samples.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace squall {

// The regularized incomplete beta function I_x(a, b); a, b > 0, x in [0, 1].
[[nodiscard]] double regularized_beta(double a, double b, double x);
// P(T <= t) for Student's t with `freedom` > 0 degrees of freedom.
[[nodiscard]] double student_cdf(double t, double freedom);

// How many correlated samples tell as much as one independent sample; at least 1.
//
//   misses   ........xxxx........xxxx....    8 of 32, but two events
//
// `blocks` are sums over consecutive, equally long stretches.  The variance of their mean is summed
// over lags until the first that is not positive (Geyer, "Practical Markov chain Monte Carlo",
// 1992, applied to blocks), and compared with `independent`, the variance that one block's sum
// would have if samples were independent.  1 if either is 0: what never varied cannot be seen to
// cluster.
[[nodiscard]] double samples_per_effective(std::span<const double> blocks, double independent);
// The sum of a block's autocovariances as above: the long-run variance of one block's sum.
[[nodiscard]] double long_run_variance(std::span<const double> blocks);

// A sample of shares after that correction; not whole numbers.
struct EffectiveSample {
  double size = 0;
  double misses = 0;
};
// If at most `allowed` (0 … 1) of all operations miss: how likely are this many or more?  Small
// means that more than `allowed` miss.
[[nodiscard]] double p_of_as_many_misses(const EffectiveSample& sample, double allowed);
// If at least `allowed` of all operations miss: how likely are this many or fewer?  Small means
// that fewer than `allowed` miss.
[[nodiscard]] double p_of_as_few_misses(const EffectiveSample& sample, double allowed);

// The bounds of a share (Clopper and Pearson, 1934) with `confidence` on each side.
struct ShareBounds {
  double low = 0;
  double high = 1;
};
[[nodiscard]] ShareBounds share_bounds(const EffectiveSample& sample, double confidence);

// The least size at which `decides` says yes; it must go on saying yes for larger ones.  Nothing:
// not up to a thousand million.
[[nodiscard]] std::optional<std::uint64_t> least_size(
    const std::function<bool(std::uint64_t)>& decides);

}  // namespace squall
