// Tests of shares and rates over phases.
#include "checker/slo_inference.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace squall {
namespace {

constexpr std::size_t kMaxBlocks = 256;     // of a share
constexpr std::size_t kMaxRateBlocks = 64;  // each should hold several operations
constexpr std::size_t kMinRateBlocks = 5;   // fewer say nothing of their variance
constexpr double kSecond = 1e9;

// How many samples stand for an independent one, by whether they miss.
template <typename IsMiss>
double samples_per_effective_miss(const std::vector<SloSample>& samples, const IsMiss& is_miss) {
  const std::size_t blocks = std::min(samples.size(), kMaxBlocks);
  const auto misses = static_cast<double>(std::count_if(samples.begin(), samples.end(), is_miss));
  const double share = misses / static_cast<double>(samples.size());
  std::vector<double> sums(blocks, 0);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    // Blocks differ by one sample; what is summed is the distance from what is expected.
    sums[i * blocks / samples.size()] += (is_miss(samples[i]) ? 1.0 : 0.0) - share;
  }
  const double independent =
      share * (1 - share) * static_cast<double>(samples.size()) / static_cast<double>(blocks);
  return samples_per_effective(sums, independent);
}

// A whole sample decides a bound of 100%.
bool is_about_all(const SloBound& bound) {
  return bound.kind != SloKind::kGoodputRate && bound.share >= 1;
}

void test_share(const std::vector<SloSample>& samples, const SloSamples& all, SloTest& test) {
  const bool is_availability = test.bound.kind == SloKind::kAvailability;
  const auto is_miss = [&](const SloSample& sample) {
    return is_availability ? sample.latency == kNever : !all.is_good(sample);
  };
  test.missed = static_cast<std::uint64_t>(std::count_if(samples.begin(), samples.end(), is_miss));
  const double per_effective = samples_per_effective_miss(samples, is_miss);
  test.effective = static_cast<double>(samples.size()) / per_effective;
  if (is_about_all(test.bound)) {
    test.p_if_kept = test.missed > 0 ? 0 : 1;
    test.p_if_broken = test.missed > 0 ? 1 : 0;
    return;
  }
  const EffectiveSample sample{test.effective, static_cast<double>(test.missed) / per_effective};
  test.p_if_kept = p_of_as_many_misses(sample, 1 - test.bound.share);
  test.p_if_broken = p_of_as_few_misses(sample, 1 - test.bound.share);
}

// Good operations in equal stretches of the phase's time.
std::vector<double> good_by_time(const std::vector<SloSample>& samples, const SloSamples& all,
                                 const Phase& phase, std::size_t blocks) {
  std::vector<double> good(blocks, 0);
  double length = 0;
  for (const TimeSpan& span : phase.spans) length += static_cast<double>(span.to - span.from);
  double passed = 0;
  std::size_t at = 0;
  for (const TimeSpan& span : phase.spans) {
    for (; at < samples.size() && samples[at].scheduled < span.to; ++at) {
      if (!all.is_good(samples[at])) continue;
      const double time = passed + static_cast<double>(samples[at].scheduled - span.from);
      const auto block = static_cast<std::size_t>(time / length * static_cast<double>(blocks));
      ++good[std::min(block, blocks - 1)];
    }
    passed += static_cast<double>(span.to - span.from);
  }
  return good;
}

// The mean of a block against what the bound asks of one.
struct RateTest {
  double distance = 0;  // of the mean from the bound, in standard errors
  double freedom = 0;
  double blocks = 0;
};

RateTest rate_test(const std::vector<double>& good, double wanted) {
  const auto blocks = static_cast<double>(good.size());
  const double mean = std::accumulate(good.begin(), good.end(), 0.0) / blocks;
  double spread = 0;
  for (const double count : good) spread += (count - mean) * (count - mean) / blocks;
  const double long_run = std::max(spread, long_run_variance(good));
  if (long_run <= 0) {
    // As even as that: only the rounding to whole operations is in doubt.
    return {(mean - wanted) * std::sqrt(12 * blocks), blocks - 1, blocks};
  }
  const double freedom = std::max(1.0, blocks * spread / long_run - 1);
  return {(mean - wanted) / std::sqrt(long_run / blocks), freedom, blocks};
}

std::size_t rate_blocks(const std::vector<SloSample>& samples) {
  return std::min(samples.size(), kMaxRateBlocks);
}

void test_rate(const std::vector<SloSample>& samples, const SloSamples& all, const Phase& phase,
               SloTest& test) {
  const std::size_t blocks = rate_blocks(samples);
  const std::vector<double> good = good_by_time(samples, all, phase, blocks);
  const double met = std::accumulate(good.begin(), good.end(), 0.0);
  test.missed = samples.size() - static_cast<std::uint64_t>(met);
  test.effective = static_cast<double>(samples.size());
  if (blocks < kMinRateBlocks) return;
  const RateTest result =
      rate_test(good, test.bound.share * test.seconds / static_cast<double>(blocks));
  test.effective *= (result.freedom + 1) / result.blocks;
  test.p_if_kept = student_cdf(result.distance, result.freedom);
  test.p_if_broken = 1 - test.p_if_kept;
}

// With what is independent and what is missed in the same proportions.
std::optional<std::uint64_t> needed_for(const SloTest& test, double doubt, double strict_doubt) {
  if (test.bound.kind == SloKind::kGoodputRate || is_about_all(test.bound)) return std::nullopt;
  const double share = static_cast<double>(test.missed) / static_cast<double>(test.operations);
  const double allowed = 1 - test.bound.share;
  const double per_effective = static_cast<double>(test.operations) / test.effective;
  return least_size([&](std::uint64_t operations) {
    const double size = static_cast<double>(operations) / per_effective;
    const EffectiveSample sample{size, size * share};
    return share > allowed ? p_of_as_many_misses(sample, allowed) <= strict_doubt
                           : p_of_as_few_misses(sample, allowed) <= doubt;
  });
}

// Holm: the smallest against doubt / n, the next against doubt / (n - 1), until one fails.
void decide(double doubt, std::vector<SloTest>& tests) {
  std::vector<std::size_t> order(tests.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return tests[a].p_if_kept < tests[b].p_if_kept;
  });
  for (std::size_t i = 0; i < order.size(); ++i) {
    SloTest& test = tests[order[i]];
    if (test.p_if_kept > doubt / static_cast<double>(tests.size() - i)) break;
    test.is_broken = true;
  }
  for (SloTest& test : tests) {
    test.is_kept = !test.is_broken && test.p_if_broken <= doubt;
    if (test.is_broken || test.is_kept) continue;
    test.needed = needed_for(test, doubt, doubt / static_cast<double>(tests.size()));
  }
}

double length_of(const Phase& phase) {
  double length = 0;
  for (const TimeSpan& span : phase.spans) length += static_cast<double>(span.to - span.from);
  return length / kSecond;
}

}  // namespace

std::vector<SloSample> samples_of(const SloSamples& samples, const Phase& phase) {
  std::vector<SloSample> chosen;
  for (const TimeSpan& span : phase.spans) {
    const auto [first, last] = samples.range(span);
    chosen.insert(chosen.end(), samples.all().begin() + static_cast<std::ptrdiff_t>(first),
                  samples.all().begin() + static_cast<std::ptrdiff_t>(last));
  }
  return chosen;
}

std::vector<SloTest> test_slo(const SloPromise& promise, const SloSamples& samples,
                              const std::vector<Phase>& phases) {
  std::vector<SloTest> tests;
  for (std::size_t i = 0; i < phases.size(); ++i) {
    if (!promise.holds_in(phases[i].kind)) continue;
    const std::vector<SloSample> chosen = samples_of(samples, phases[i]);
    if (chosen.empty()) continue;
    for (const SloBound& bound : promise.bounds) {
      SloTest test{
          .phase = i, .bound = bound, .operations = chosen.size(), .seconds = length_of(phases[i])};
      if (bound.kind == SloKind::kGoodputRate) {
        test_rate(chosen, samples, phases[i], test);
      } else {
        test_share(chosen, samples, test);
      }
      tests.push_back(test);
    }
  }
  decide(1 - promise.confidence, tests);
  return tests;
}

std::int64_t nearest_rank(const std::vector<std::int64_t>& sorted, double quantile) {
  // Without the slack 0.95 * 20 would be the 20th of 20.
  const double rank = std::ceil(quantile * static_cast<double>(sorted.size()) - 1e-9);
  const auto position = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return sorted[std::min(position, sorted.size() - 1)];
}

QuantileBounds quantile_bounds(const std::vector<SloSample>& in_order,
                               const std::vector<std::int64_t>& sorted, double quantile,
                               double confidence) {
  QuantileBounds bounds;
  bounds.value = nearest_rank(sorted, quantile);
  const auto is_above = [&](const SloSample& sample) { return sample.latency > bounds.value; };
  const auto size = static_cast<double>(sorted.size());
  bounds.effective = size / samples_per_effective_miss(in_order, is_above);
  const ShareBounds share =
      share_bounds({bounds.effective, bounds.effective * (1 - quantile)}, confidence);
  bounds.low = nearest_rank(sorted, 1 - share.high);
  bounds.high = nearest_rank(sorted, 1 - share.low);
  return bounds;
}

}  // namespace squall
