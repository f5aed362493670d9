// Tails of the binomial and of Student's t, and the price of correlation.
#include "checker/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"

namespace squall {
namespace {

constexpr int kMaxTerms = 20'000;  // needs about the square root of the larger parameter
constexpr double kTiny = 1e-300;
constexpr double kPrecise = 1e-14;
constexpr std::uint64_t kMaxSize = 1'000'000'000;
constexpr int kBisections = 60;

// std::lgamma writes a global.
double log_gamma(double value) {
  int sign = 0;
  return ::lgamma_r(value, &sign);
}

double away_from_zero(double value) {
  return std::abs(value) < kTiny ? kTiny : value;
}

// The continued fraction of I_x(a, b) by Lentz's method (NIST Digital Library of Mathematical
// Functions, 8.17.22); it converges fast where x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int term = 1; term <= kMaxTerms; ++term) {
    const double m = term;
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    const double step = d * c;
    fraction *= step;
    if (std::abs(step - 1) < kPrecise) break;
  }
  return fraction;
}

double covariance(std::span<const double> blocks, double mean, std::size_t lag) {
  double sum = 0;
  for (std::size_t i = 0; i + lag < blocks.size(); ++i) {
    sum += (blocks[i] - mean) * (blocks[i + lag] - mean);
  }
  return sum / static_cast<double>(blocks.size());
}

// The share at which a growing `probability` passes `limit`.
double crossing(double limit, const std::function<double(double)>& probability) {
  double low = 0;
  double high = 1;
  for (int i = 0; i < kBisections; ++i) {
    const double middle = (low + high) / 2;
    (probability(middle) < limit ? low : high) = middle;
  }
  return low;
}

}  // namespace

double regularized_beta(double a, double b, double x) {
  CHECK(a > 0 && b > 0);
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double log_front =
      log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log1p(-x);
  if (x < (a + 1) / (a + b + 2)) return std::exp(log_front) * beta_fraction(a, b, x) / a;
  return 1 - std::exp(log_front) * beta_fraction(b, a, 1 - x) / b;
}

double student_cdf(double t, double freedom) {
  const double tail = regularized_beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2;
  return t > 0 ? 1 - tail : tail;
}

double long_run_variance(std::span<const double> blocks) {
  if (blocks.size() < 2) return 0;
  const double mean =
      std::accumulate(blocks.begin(), blocks.end(), 0.0) / static_cast<double>(blocks.size());
  double variance = covariance(blocks, mean, 0);
  for (std::size_t lag = 1; lag <= blocks.size() / 2; ++lag) {
    const double next = covariance(blocks, mean, lag);
    if (next <= 0) break;
    variance += 2 * next;
  }
  return variance;
}

double samples_per_effective(std::span<const double> blocks, double independent) {
  if (independent <= 0) return 1;
  return std::max(1.0, long_run_variance(blocks) / independent);
}

double p_of_as_many_misses(const EffectiveSample& sample, double allowed) {
  if (sample.misses <= 0) return 1;
  return regularized_beta(sample.misses, sample.size - sample.misses + 1, allowed);
}

double p_of_as_few_misses(const EffectiveSample& sample, double allowed) {
  if (sample.misses >= sample.size) return 1;
  return 1 - regularized_beta(sample.misses + 1, sample.size - sample.misses, allowed);
}

ShareBounds share_bounds(const EffectiveSample& sample, double confidence) {
  const double doubt = 1 - confidence;
  ShareBounds bounds;
  if (sample.misses > 0) {
    bounds.low = crossing(doubt, [&](double p) { return p_of_as_many_misses(sample, p); });
  }
  if (sample.misses < sample.size) {
    bounds.high = crossing(-doubt, [&](double p) { return -p_of_as_few_misses(sample, p); });
  }
  return bounds;
}

std::optional<std::uint64_t> least_size(const std::function<bool(std::uint64_t)>& decides) {
  std::uint64_t high = 1;
  while (!decides(high)) {
    high *= 2;
    if (high > kMaxSize) return std::nullopt;
  }
  std::uint64_t low = high / 2;  // says no, or is 0
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (decides(middle) ? high : low) = middle;
  }
  return high;
}

}  // namespace squall
