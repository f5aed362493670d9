// Tails against values that can be checked by hand or in any table.
#include "checker/statistics.h"

#include <gtest/gtest.h>
#include <cmath>
#include <vector>

#include "base/rng.h"

namespace squall {
namespace {

// By its definition.
double binomial_at_most(int size, int misses, double p) {
  double sum = 0;
  double log_choices = 0;  // of size over k
  for (int k = 0; k <= misses; ++k) {
    if (k > 0) log_choices += std::log(size - k + 1) - std::log(k);
    sum += std::exp(log_choices + k * std::log(p) + (size - k) * std::log1p(-p));
  }
  return sum;
}

TEST(Statistics, TheTailsAreThoseOfTheBinomial) {
  for (const int size : {1, 7, 59, 400}) {
    for (const double p : {0.001, 0.05, 0.5, 0.9}) {
      for (int misses = 0; misses < size; misses += 1 + size / 7) {
        const EffectiveSample sample{static_cast<double>(size), static_cast<double>(misses)};
        const double few = binomial_at_most(size, misses, p);
        EXPECT_NEAR(p_of_as_few_misses(sample, p), few, 1e-10) << size << " " << misses << " " << p;
        const double many = misses == 0 ? 1 : 1 - binomial_at_most(size, misses - 1, p);
        EXPECT_NEAR(p_of_as_many_misses(sample, p), many, 1e-10)
            << size << " " << misses << " " << p;
      }
    }
  }
  EXPECT_EQ(p_of_as_few_misses({5, 5}, 0.1), 1);
  EXPECT_EQ(p_of_as_many_misses({5, 0}, 0.1), 1);
}

TEST(Statistics, ALargeSampleIsNoProblem) {
  // 5 % of a million, against 5 %: about a half either way.
  EXPECT_NEAR(p_of_as_many_misses({1e6, 5e4}, 0.05), 0.5, 0.01);
  EXPECT_LT(p_of_as_many_misses({1e6, 5.1e4}, 0.05), 1e-5);
  EXPECT_LT(p_of_as_few_misses({1e6, 4.9e4}, 0.05), 1e-5);
  EXPECT_GE(p_of_as_few_misses({1e6, 4.9e4}, 0.05), 0);
}

TEST(Statistics, StudentsTIsThatOfTheTables) {
  EXPECT_NEAR(student_cdf(0, 5), 0.5, 1e-12);
  EXPECT_NEAR(student_cdf(2.015, 5), 0.95, 1e-4);
  EXPECT_NEAR(student_cdf(-2.015, 5), 0.05, 1e-4);
  EXPECT_NEAR(student_cdf(12.706, 1), 0.975, 1e-4);
  EXPECT_NEAR(student_cdf(1.984, 100), 0.975, 1e-4);
}

TEST(Statistics, ShareBoundsAreClopperPearsons) {
  // 0 of 59: the well-known 5 % at 95 % confidence; 10 of 100: from the tables.
  EXPECT_NEAR(share_bounds({59, 0}, 0.95).high, 0.0495, 1e-4);
  EXPECT_EQ(share_bounds({59, 0}, 0.95).low, 0);
  EXPECT_NEAR(share_bounds({100, 10}, 0.975).low, 0.0490, 1e-4);
  EXPECT_NEAR(share_bounds({100, 10}, 0.975).high, 0.1762, 1e-4);
  EXPECT_EQ(share_bounds({5, 5}, 0.95).high, 1);
}

TEST(Statistics, LeastSizeIsTheFirstThatDecides) {
  const auto no_miss = [](double share, double doubt) {
    return least_size([=](std::uint64_t size) {
      return p_of_as_few_misses({static_cast<double>(size), 0}, 1 - share) <= doubt;
    });
  };
  EXPECT_EQ(no_miss(0.95, 0.05), 59U);
  EXPECT_EQ(no_miss(0.95, 0.01), 90U);
  EXPECT_EQ(no_miss(0.99, 0.01), 459U);
  EXPECT_EQ(least_size([](std::uint64_t) { return true; }), 1U);
  EXPECT_EQ(least_size([](std::uint64_t) { return false; }), std::nullopt);
}

TEST(Statistics, CorrelationCostsSamplesAndIndependenceDoesNot) {
  Rng rng(7);
  std::vector<double> independent;
  std::vector<double> sticky;
  double state = 0;
  double variance = 0;
  for (int i = 0; i < 4'000; ++i) {
    const double noise = rng.unit() - 0.5;
    independent.push_back(noise);
    state = 0.9 * state + noise;
    sticky.push_back(state);
    variance += state * state / 4'000;
  }
  EXPECT_LT(samples_per_effective(independent, 1.0 / 12), 1.2);
  // An autoregression of 0.9: (1 + 0.9) / (1 - 0.9) = 19.
  const double per_effective = samples_per_effective(sticky, variance);
  EXPECT_GT(per_effective, 13);
  EXPECT_LT(per_effective, 27);
  EXPECT_EQ(samples_per_effective(std::vector<double>(50, 3), 1), 1);
  EXPECT_EQ(samples_per_effective({}, 0), 1);
}

}  // namespace
}  // namespace squall
