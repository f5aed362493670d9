// Rates over a window, and the gate before the first fault.
#include "orchestrator/metrics_window.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Counts = std::map<std::string, OperationCounts>;

Counts kv(std::uint64_t ok, std::uint64_t fail = 0, std::uint64_t negative = 0,
          std::uint64_t info = 0) {
  return {{"kv", {ok, fail, negative, info}}};
}

TEST(Availability, TakesANegativeAnswerForAnAnswer) {
  EXPECT_EQ(availability({.ok = 6, .fail = 1, .negative = 2, .info = 1}), 0.8);
}

TEST(Availability, IsWholeWhereNothingWasAsked) {
  EXPECT_EQ(availability({}), 1);
}

TEST(MetricsWindow, AddsClientsUp) {
  MetricsWindow window(seconds(2));
  window.add(seconds(1), {{"kv", {1, 2, 3, 4}}, {"lock", {10, 20, 30, 40}}});
  EXPECT_EQ(window.in_window(), (OperationCounts{11, 22, 33, 44}));
}

TEST(MetricsWindow, ForgetsWhatIsOlderThanItsLength) {
  MetricsWindow window(seconds(2));
  window.add(seconds(1), kv(100));
  window.add(seconds(2), kv(10));
  window.add(milliseconds(2999), kv(1));
  EXPECT_EQ(window.in_window(), (OperationCounts{.ok = 111}));
  window.add(seconds(3), kv(0));
  EXPECT_EQ(window.in_window(), (OperationCounts{.ok = 11}));
}

TEST(MetricsWindow, IsFullAfterItsLength) {
  MetricsWindow window(seconds(2));
  EXPECT_FALSE(window.is_full(seconds(9)));
  window.add(seconds(1), kv(1));
  EXPECT_FALSE(window.is_full(milliseconds(2999)));
  EXPECT_TRUE(window.is_full(seconds(3)));
}

TEST(MetricsWindow, CountsErrorsBySecondWithoutNegativeAnswers) {
  MetricsWindow window(seconds(2));
  window.add(seconds(1), kv(4, 2, 3, 1));
  const std::map<std::string, double> expected = {
      {"availability", 0.7}, {"operations", 5}, {"errors", 1.5}};
  EXPECT_EQ(window.values(), expected);
}

constexpr SteadyGate kRule = {
    .availability = 0.95, .window = seconds(2), .within = seconds(6), .operations = 10};

// The state after each second, with the same counts every second: "-" waiting, "S", "U".
std::string states(const Counts& counts, int last) {
  SteadyStateGate gate(kRule);
  std::string text;
  for (int second = 1; second <= last; ++second) {
    const GateState state = gate.on_counts(seconds(second), counts);
    text += state == GateState::kWaiting ? '-' : state == GateState::kSteady ? 'S' : 'U';
  }
  return text;
}

TEST(SteadyStateGate, OpensAfterOneGoodWindow) {
  EXPECT_EQ(states(kv(100), 4), "--SS");
  EXPECT_EQ(states(kv(95, 5), 3), "--S");
}

TEST(SteadyStateGate, NeedsItsAvailability) {
  EXPECT_EQ(states(kv(94, 6), 6), "-----U");
}

TEST(SteadyStateGate, NeedsEnoughOperations) {
  EXPECT_EQ(states(kv(4), 6), "-----U");
  EXPECT_EQ(states(kv(5), 3), "--S");
}

TEST(SteadyStateGate, ForgetsABadStart) {
  SteadyStateGate gate(kRule);
  EXPECT_EQ(gate.on_counts(seconds(1), kv(0, 100)), GateState::kWaiting);
  EXPECT_EQ(gate.on_counts(seconds(2), kv(100)), GateState::kWaiting);
  EXPECT_EQ(gate.on_counts(seconds(3), kv(100)), GateState::kSteady);
}

TEST(SteadyStateGate, ExplainsWhatIsMissingAndNeverRoundsUp) {
  SteadyStateGate gate({.availability = 0.999, .window = seconds(2), .within = seconds(6)});
  (void)gate.on_counts(seconds(6), kv(99'899, 101));
  EXPECT_EQ(gate.explain(),
            "availability 99.8% (at least 99.9%) and 100000 operations (at least 10) over 2s, "
            "after 6s without a fault");
}

TEST(SteadyStateGate, ReadsBackTheShareThatWasAskedFor) {
  for (int percent = 0; percent <= 100; ++percent) {
    const SteadyStateGate gate({.availability = percent / 100.0});
    EXPECT_NE(gate.explain().find("(at least " + std::to_string(percent) + "%)"), std::string::npos)
        << gate.explain();
  }
}

}  // namespace
}  // namespace squall
