// Uniform and zipf draws against their probabilities, at fixed seeds.
#include "workload/distribution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/workload/chi_square.h"

namespace squall {
namespace {

using testing_workload::chi_square;
using testing_workload::kChiSquare49;
using testing_workload::kChiSquare9;

constexpr double kDraws = 50'000;

std::vector<double> histogram(const Distribution& distribution, std::size_t size) {
  Rng rng(11);
  std::vector<double> seen(size, 0);
  for (int i = 0; i < static_cast<int>(kDraws); ++i) {
    ++seen.at(static_cast<std::size_t>(distribution.draw(rng)));
  }
  return seen;
}

std::vector<double> zipf_expected(std::size_t size, double exponent) {
  std::vector<double> weights;
  double sum = 0;
  for (std::size_t rank = 1; rank <= size; ++rank) {
    weights.push_back(std::pow(static_cast<double>(rank), -exponent));
    sum += weights.back();
  }
  for (double& weight : weights) weight *= kDraws / sum;
  return weights;
}

TEST(Distribution, UniformGivesEveryoneTheSame) {
  EXPECT_LT(
      chi_square(histogram(Distribution::uniform(50), 50), std::vector<double>(50, kDraws / 50)),
      kChiSquare49);
}

TEST(Distribution, ZipfFollowsItsPowerOnBothSidesOfOneAndAtIt) {
  for (const double exponent : {0.1, 0.5, 1.0, 1.1, 2.0}) {
    EXPECT_LT(
        chi_square(histogram(Distribution::zipf(50, exponent), 50), zipf_expected(50, exponent)),
        kChiSquare49)
        << exponent;
  }
}

// The same test must be able to fail: 1.1 is not 1.0.
TEST(Distribution, ZipfOfAnotherExponentIsToldApart) {
  EXPECT_GT(chi_square(histogram(Distribution::zipf(50, 1.1), 50), zipf_expected(50, 1.0)),
            kChiSquare49);
}

TEST(Distribution, ZipfOverManyThingsHasTheRightHead) {
  constexpr std::size_t kSize = 1'000'000;
  const std::vector<double> all = zipf_expected(kSize, 1.1);
  Rng rng(2);
  const Distribution zipf = Distribution::zipf(kSize, 1.1);
  std::vector<double> seen(10, 0);
  for (int i = 0; i < static_cast<int>(kDraws); ++i) {
    const std::int64_t drawn = zipf.draw(rng);
    ASSERT_GE(drawn, 0);
    ASSERT_LT(drawn, static_cast<std::int64_t>(kSize));
    ++seen[static_cast<std::size_t>(std::min<std::int64_t>(drawn, 9))];
  }
  std::vector<double> expected(all.begin(), all.begin() + 9);
  double rest = kDraws;
  for (const double part : expected) rest -= part;
  expected.push_back(rest);
  EXPECT_LT(chi_square(seen, expected), kChiSquare9);
}

TEST(Distribution, OfOneThingAlwaysDrawsIt) {
  Rng rng(1);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(Distribution::uniform(1).draw(rng), 0);
    ASSERT_EQ(Distribution::zipf(1, 2).draw(rng), 0);
  }
}

}  // namespace
}  // namespace squall
