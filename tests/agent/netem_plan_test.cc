// Which netem each combination of faults gets, without a kernel.
#include "agent/delay/netem_plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "agent/delay/netem_delay.h"
#include "agent/delay/netem_hooks.h"
#include "tests/support/golden.h"

namespace squall {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

DelayRow row(std::size_t slot, DelaySpec delay) {
  return {.fault = FaultId("f" + std::to_string(slot)),
          .slot = slot,
          .delay = delay,
          .ipv4 = {"198.18.0.2"},
          .ipv6 = {"fd00::2"},
          .expiry = {}};
}

DelayRow fixed(std::size_t slot, int ms) {
  return row(slot, {.delay = milliseconds(ms)});
}

NetemPlan plan(const std::vector<DelayRow>& rows) {
  const Result<NetemPlan> planned = plan_netem(rows);
  EXPECT_TRUE(planned.ok());
  return planned.ok() ? *planned : NetemPlan();
}

std::string refusal(const std::vector<DelayRow>& rows) {
  const Result<NetemPlan> planned = plan_netem(rows);
  if (planned.ok()) return "planned";
  EXPECT_EQ(planned.error().code, Errc::kUnsupported);
  return planned.error().what;
}

TEST(NetemPlan, OfOneTwoAndFourFaults) {
  const DelayRow jittery = row(1, {milliseconds(50), milliseconds(5), 0, DelayShape::kUniform});
  const DelayRow tailed = row(2, {milliseconds(20), milliseconds(10), 0, DelayShape::kPareto});
  std::string text = "# one\n" + to_text(plan({fixed(0, 50)}));
  text += "# two, of which the first has ended\n" + to_text(plan({jittery}));
  text += "# two\n" + to_text(plan({fixed(0, 50), jittery}));
  text += "# four\n" + to_text(plan({fixed(0, 50), jittery, tailed, fixed(3, 60'000)}));
  expect_golden("agent/golden/netem_plan.txt", text);
}

// The delays that a band gives, as sch_netem computes them from its table.
std::vector<double> delays_of(const NetemSetting& setting) {
  std::vector<double> delays;
  for (const std::int16_t entry : setting.distribution) {
    const double jitter = static_cast<double>(setting.jitter.count()) * entry / kDistributionScale;
    delays.push_back((static_cast<double>(setting.delay.count()) + jitter) / 1e6);
  }
  return delays;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += (value - mean(values)) * (value - mean(values));
  return std::sqrt(sum / static_cast<double>(values.size()));
}

TEST(NetemPlan, TablesHaveTheDistributionThatWasAskedFor) {
  for (const DelayShape shape : {DelayShape::kUniform, DelayShape::kNormal, DelayShape::kPareto}) {
    const DelaySpec spec{milliseconds(50), milliseconds(10), 0, shape};
    const std::vector<double> delays = delays_of(plan({row(0, spec)}).at(1));
    const double median = static_cast<double>(median_of(spec).count()) / 1e6;
    EXPECT_NEAR(mean(delays), 50, 0.02);
    EXPECT_NEAR(delays[delays.size() / 2], median, 0.02);
    // A table ends; the tail of a pareto distribution does not.
    const double wanted = static_cast<double>(deviation_of(spec).count()) / 1e6;
    EXPECT_NEAR(deviation(delays), wanted, shape == DelayShape::kPareto ? 0.6 : 0.02);
    EXPECT_GE(delays.front(), -0.001);
  }
}

TEST(NetemPlan, DelaysOfTwoFaultsAddAndSoDoTheirVariances) {
  const DelayRow one = row(0, {milliseconds(50), milliseconds(10), 0, DelayShape::kNormal});
  const DelayRow other = row(1, {milliseconds(30), milliseconds(10), 0, DelayShape::kUniform});
  const std::vector<double> delays = delays_of(plan({one, other}).at(3));
  EXPECT_NEAR(mean(delays), 80, 0.05);
  EXPECT_NEAR(deviation(delays), std::sqrt(100 + 100 / 3.0), 0.15);
}

TEST(NetemPlan, RefusesWhatNetemCannotDoExactly) {
  EXPECT_EQ(refusal({fixed(4, 50)}),
            "netem cannot carry 'f4': it is the 5th delay at once, and netem takes 4");
  EXPECT_EQ(refusal({row(0, {milliseconds(50), milliseconds(5), 0.5, DelayShape::kNormal})}),
            "netem cannot carry 'f0': it does not correlate delays");
  EXPECT_EQ(refusal({row(0, {seconds(30), seconds(20), 0, DelayShape::kUniform})}),
            "netem cannot carry 'f0': its delays scatter over more than 16s");
}

TEST(NetemHooks, SurviveTheAliasOfTheLink) {
  const NetemHooks hooks{{2, {.makes_clsact = true}}, {5, {.makes_clsact = false}}};
  EXPECT_EQ(to_alias(hooks), "squall: egress of 2+clsact 5");
  EXPECT_EQ(parse_alias(to_alias(hooks)), hooks);
  EXPECT_EQ(parse_alias(to_alias({})), NetemHooks());
  EXPECT_EQ(parse_alias("uplink to rack 4"), NetemHooks());
  EXPECT_EQ(parse_alias(""), NetemHooks());
}

TEST(NetemText, NamesOurLinkAndNoOther) {
  const std::string link = netem_link(4194304);
  EXPECT_LT(link.size(), 16U);  // IFNAMSIZ
  EXPECT_EQ(*parse_netem_text(netem_text(link)), link);
  EXPECT_FALSE(parse_netem_text("netem behind link eth0").ok());
  EXPECT_FALSE(parse_netem_text("routing rules for table 1073741866").ok());
}

}  // namespace
}  // namespace squall
