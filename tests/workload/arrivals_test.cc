// Arrival processes: their shape at fixed seeds, and that the clients of an entry share them.
#include "workload/arrivals.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/workload/chi_square.h"

namespace squall {
namespace {

using testing_workload::chi_square;
using testing_workload::kChiSquare19;

std::vector<std::int64_t> first(std::size_t count, const ArrivalPlan& plan,
                                std::uint64_t seed = 1) {
  Arrivals arrivals(plan, Rng(seed));
  std::vector<std::int64_t> all;
  while (all.size() < count) all.push_back(arrivals.next().count());
  return all;
}

TEST(Arrivals, ConstantOnesAreEquallySpacedAndDoNotDrift) {
  EXPECT_EQ(first(4, {.kind = ArrivalKind::kConstant, .rate = 1000}),
            (std::vector<std::int64_t>{0, 1'000'000, 2'000'000, 3'000'000}));
  // A third of a second has no end in nanoseconds; three of them are a second all the same.
  EXPECT_EQ(first(300'001, {.kind = ArrivalKind::kConstant, .rate = 3}).back(),
            100'000'000'000'000);
}

TEST(Arrivals, BurstsComeTogetherAndKeepTheRate) {
  EXPECT_EQ(first(7, {.kind = ArrivalKind::kBurst, .rate = 100, .burst_size = 3}),
            (std::vector<std::int64_t>{0, 0, 0, 30'000'000, 30'000'000, 30'000'000, 60'000'000}));
}

TEST(Arrivals, PoissonGapsAreExponential) {
  constexpr std::size_t kCount = 20'000;
  constexpr double kRate = 500;
  const std::vector<std::int64_t> all =
      first(kCount, {.kind = ArrivalKind::kPoisson, .rate = kRate}, 7);
  std::vector<double> seen(20, 0);
  std::int64_t before = 0;
  for (const std::int64_t at : all) {
    ASSERT_GE(at, before);
    const double seconds = static_cast<double>(at - before) / 1e9;
    before = at;
    // Its place in the distribution, from 0 to 1, is uniform.
    const double place = 1 - std::exp(-kRate * seconds);
    ++seen[std::min<std::size_t>(static_cast<std::size_t>(place * 20), 19)];
  }
  EXPECT_LT(chi_square(seen, std::vector<double>(20, kCount / 20.0)), kChiSquare19);
  // The sum of n gaps has mean n / rate and deviation sqrt(n) / rate.
  const double total = static_cast<double>(all.back()) / 1e9;
  EXPECT_NEAR(total * kRate, kCount, 4 * std::sqrt(kCount));
}

TEST(Arrivals, PoissonCountsHaveTheVarianceOfTheirMean) {
  const std::vector<std::int64_t> all =
      first(40'000, {.kind = ArrivalKind::kPoisson, .rate = 1000}, 3);
  std::vector<double> counts(static_cast<std::size_t>(all.back() / 10'000'000), 0);
  for (const std::int64_t at : all) {
    const auto window = static_cast<std::size_t>(at / 10'000'000);
    if (window < counts.size()) ++counts[window];
  }
  double squares = 0;
  for (const double count : counts) squares += (count - 10) * (count - 10);
  EXPECT_NEAR(squares / static_cast<double>(counts.size()), 10, 1);
}

TEST(Arrivals, FollowFromTheSeedAlone) {
  const ArrivalPlan plan{.kind = ArrivalKind::kPoisson, .rate = 10};
  EXPECT_EQ(first(50, plan, 5), first(50, plan, 5));
  EXPECT_NE(first(50, plan, 5), first(50, plan, 6));
}

TEST(ArrivalShares, GiveEveryArrivalToExactlyOneClient) {
  // As placement deals seven processes to three nodes, after an entry with five.
  const ArrivalShare one({5, 8, 11}, 7);
  const ArrivalShare two({6, 9}, 7);
  const ArrivalShare three({7, 10}, 7);
  int ours = 0;
  for (std::int64_t arrival = 0; arrival < 700; ++arrival) {
    const int owners =
        int{one.is_ours(arrival)} + int{two.is_ours(arrival)} + int{three.is_ours(arrival)};
    ASSERT_EQ(owners, 1) << arrival;
    ours += int{one.is_ours(arrival)};
  }
  EXPECT_EQ(ours, 300);
}

}  // namespace
}  // namespace squall
