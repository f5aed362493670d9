// slo: how often it is wrong about loads whose truth is known, at fixed seeds.
#include <gtest/gtest.h>
#include <cmath>

#include "base/rng.h"
#include "tests/checker/load_text.h"

namespace squall {
namespace {

using test::fault;
using test::Load;
using test::loaded;

constexpr int kRuns = 400;

struct Tally {
  int violated = 0;
  int valid = 0;
  int unknown = 0;
};

// Runs of 1000 operations whose latencies `draw` makes up.
template <typename Draw>
Tally tally(const std::string& request, Draw draw) {
  Tally tally;
  for (int run = 0; run < kRuns; ++run) {
    Rng rng(static_cast<std::uint64_t>(run));
    const Recording recording =
        loaded({{0, 10'000, 100, [&](std::int64_t n) { return draw(rng, n); }}});
    switch (test::check(request, recording).answer) {
      case Answer::kViolated:
        ++tally.violated;
        break;
      case Answer::kValid:
        ++tally.valid;
        break;
      case Answer::kUnknown:
        ++tally.unknown;
    }
  }
  return tally;
}

auto late_with(double share) {
  return [share](Rng& rng, std::int64_t) -> std::int64_t { return rng.unit() < share ? 90 : 2; };
}

// A service that is exactly at its bound: whoever is certain is wrong, in either way.
TEST(SloProperty, AtTheBoundItIsRarelyCertain) {
  const Tally at = tally("slo:latency=20ms,confidence=95%", late_with(0.05));
  EXPECT_LE(at.violated, kRuns * 5 / 100);
  EXPECT_LE(at.valid, kRuns * 5 / 100);
  const Tally surer = tally("slo:latency=20ms,confidence=99%", late_with(0.05));
  EXPECT_LE(surer.violated, kRuns * 1 / 100);
  EXPECT_LE(surer.valid, kRuns * 1 / 100);
}

TEST(SloProperty, FarFromTheBoundItIsAlwaysCertain) {
  EXPECT_EQ(tally("slo:latency=20ms", late_with(0.005)).valid, kRuns);
  EXPECT_EQ(tally("slo:latency=20ms", late_with(0.30)).violated, kRuns);
}

// Late ones come in clusters of about 20: a test that took them for independent would call it
// broken far more often than it may.
TEST(SloProperty, ClustersDoNotMakeItSurer) {
  auto clustered = [is_late = false](Rng& rng, std::int64_t n) mutable -> std::int64_t {
    if (n == 0) is_late = false;
    // Two states; 5 % of the time late, for 20 operations on average.
    is_late = is_late ? rng.unit() >= 1.0 / 20 : rng.unit() < 1.0 / 380;
    return is_late ? 90 : 2;
  };
  const Tally at = tally("slo:latency=20ms", clustered);
  EXPECT_LE(at.violated, kRuns * 10 / 100);
  int naive = 0;  // what a binomial test of all operations would say
  for (int run = 0; run < kRuns; ++run) {
    Rng rng(static_cast<std::uint64_t>(run));
    int late = 0;
    for (std::int64_t n = 0; n < 1'000; ++n) late += clustered(rng, n) > 20 ? 1 : 0;
    naive += late > 62 ? 1 : 0;  // its 95 % point
  }
  EXPECT_GE(naive, kRuns * 20 / 100);
}

TEST(SloProperty, ManyPhasesAreNoMoreOftenWrong) {
  int violated = 0;
  for (int run = 0; run < kRuns; ++run) {
    Rng rng(static_cast<std::uint64_t>(run));
    std::vector<FaultInterval> faults;
    for (int i = 0; i < 8; ++i) {
      faults.push_back(fault("f" + std::to_string(i), "network.delay", "g1", 2'000 + i * 2'000,
                             4'000 + i * 2'000));
    }
    const Recording recording =
        loaded({{0, 20'000, 200,
                 [&](std::int64_t) -> std::int64_t { return rng.unit() < 0.05 ? 90 : 2; }}},
               faults);
    violated += test::check("slo:latency=20ms,during=during", recording).answer == Answer::kViolated
                    ? 1
                    : 0;
  }
  EXPECT_LE(violated, kRuns * 5 / 100);
}

TEST(SloProperty, GoodputPerSecondAtTheBoundIsRarelyCertain) {
  const auto half_good = [](Rng& rng, std::int64_t) -> std::int64_t {
    return rng.unit() < 0.5 ? 90 : 2;
  };
  const Tally at = tally("slo:latency=20ms,quantile=1%,goodput-rate=50", half_good);
  EXPECT_LE(at.violated, kRuns * 7 / 100);
  EXPECT_LE(at.valid, kRuns * 7 / 100);
  EXPECT_EQ(tally("slo:latency=20ms,quantile=1%,goodput-rate=30", half_good).valid, kRuns);
  EXPECT_EQ(tally("slo:latency=20ms,quantile=1%,goodput-rate=70", half_good).violated, kRuns);
}

}  // namespace
}  // namespace squall
