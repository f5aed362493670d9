// Requested and achieved delay and loss.
#include "orchestrator/delay_evidence.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

using std::chrono::milliseconds;

TargetedEffect delay(const std::string& at, const std::string& to, const DelaySpec& spec) {
  return {NodeName(at), DelayTo{.peers = {NodeName(to)}, .delay = spec}};
}

// "e1→e2 50ms", each once for both families.
std::string plan(const std::vector<TargetedEffect>& own, const std::vector<TargetedEffect>& all) {
  std::string text;
  for (const DelayedPair& pair : plan_delay_probes(own, all)) {
    if (pair.probe.is_ipv6) continue;
    text += (text.empty() ? "" : ", ") + pair.probe.from.get() + "→" + pair.probe.to.get() + " " +
            to_text(pair.median);
  }
  return text;
}

TEST(DelayPlan, MeasuresEachDirectionThatIsDelayed) {
  const DelaySpec spec{.delay = milliseconds(50)};
  const auto both = {delay("e1", "e2", spec), delay("e2", "e1", spec)};
  EXPECT_EQ(plan(both, both), "e1→e2 50ms, e2→e1 50ms");
  EXPECT_EQ(plan({delay("e1", "e2", spec)}, {delay("e1", "e2", spec)}), "e1→e2 50ms");
}

TEST(DelayPlan, ExpectsTheSumOfAllFaultsOnALink) {
  const auto own = delay("e1", "e2", {.delay = milliseconds(50)});
  const auto other = delay("e1", "e2", {.delay = milliseconds(20)});
  const auto elsewhere = delay("e1", "e3", {.delay = milliseconds(5)});
  EXPECT_EQ(plan({own}, {own, other, elsewhere}), "e1→e2 70ms");
  EXPECT_EQ(plan({own}, {other}), "e1→e2 20ms");
}

std::string proof(const EvidenceRow& row) {
  return row.what + ": expected " + row.expected + ", observed " + row.observed +
         (row.holds ? "" : " NO");
}

DelayedPair pair_of(const DelaySpec& spec) {
  return plan_delay_probes({delay("e1", "e2", spec)}, {delay("e1", "e2", spec)}).at(0);
}

TEST(DelayEvidence, ComparesTheMedianWithTheLinkBefore) {
  const DelayedPair pair = pair_of({.delay = milliseconds(50)});
  const std::vector<Duration> exact(20, milliseconds(52));
  EXPECT_EQ(proof(delay_row(pair, exact, 20, milliseconds(2))),
            "added delay e1→e2 v4: expected 50ms ± 5ms, observed 50ms (20 of 20 probes)");
  EXPECT_EQ(proof(delay_row(pair, exact, 20, milliseconds(46))),
            "added delay e1→e2 v4: expected 50ms ± 5ms, observed 6ms (20 of 20 probes) NO");
  const std::vector<Duration> few(9, milliseconds(52));
  EXPECT_EQ(proof(delay_row(pair, few, 20, milliseconds(2))),
            "added delay e1→e2 v4: expected 50ms ± 5ms, observed too few probes came (9 of 20 "
            "probes) NO");
}

TEST(DelayEvidence, AllowsForTheScatterThatWasAskedFor) {
  const DelaySpec steady{.delay = milliseconds(100)};
  DelaySpec jittery{.delay = milliseconds(100), .jitter = milliseconds(20)};
  jittery.shape = DelayShape::kNormal;
  DelaySpec correlated = jittery;
  correlated.correlation = 0.5;
  EXPECT_EQ(delay_tolerance(pair_of(steady), 20), milliseconds(10));
  EXPECT_GT(delay_tolerance(pair_of(jittery), 20), milliseconds(30));
  EXPECT_GT(delay_tolerance(pair_of(correlated), 20), delay_tolerance(pair_of(jittery), 20));
}

std::string counters(const std::vector<std::pair<const char*, int>>& counts, const Effect& effect) {
  std::vector<FaultCounter> all;
  for (const auto& [what, count] : counts) {
    all.push_back({"f", what, static_cast<std::uint64_t>(count)});
  }
  std::string text;
  for (const EvidenceRow& row : counter_rows(all, {{NodeName("e1"), effect}}, NodeName("e1"))) {
    EXPECT_EQ(row.node, "e1");
    text += (text.empty() ? "" : "\n") + row.grade + " " + proof(row);
  }
  return text;
}

TEST(CounterEvidence, OfADelayIsWhatItHeldAndThatItLostNothing) {
  const Effect effect = DelayTo{};
  EXPECT_EQ(
      counters(
          {{"delayed packets", 7}, {"delayed probes", 40}, {"packets lost while they waited", 0}},
          effect),
      "exercised delayed packets: expected at least 1, observed 7\n"
      "installed packets lost while they waited: expected 0, observed 0");
  EXPECT_EQ(counters({{"packets lost while they waited", 3}}, effect),
            "installed packets lost while they waited: expected 0, observed 3 NO");
}

TEST(CounterEvidence, OfALossIsItsShare) {
  const Effect effect = LoseFrom{.peers = {}, .loss = *make_loss(0.1, 1)};
  EXPECT_EQ(
      counters({{"lost packets", 1050},
                {"lost probes", 0},
                {"packets that met the dice", 10000},
                {"probes that met the dice", 0}},
               effect),
      "exercised lost packets: expected at least 1, observed 1050\n"
      "installed share of lost packets: expected 10% ± 1.51%, observed 10.5% (1050 of 10000)");
  EXPECT_EQ(counters({{"lost packets", 1200}, {"packets that met the dice", 10000}}, effect),
            "exercised lost packets: expected at least 1, observed 1200\n"
            "installed share of lost packets: expected 10% ± 1.51%, observed 12% (1200 of 10000) "
            "NO");
  EXPECT_EQ(counters({{"lost packets", 0}, {"packets that met the dice", 0}}, effect),
            "exercised lost packets: expected at least 1, observed 0 NO");
}

TEST(TouchedLinks, AreOneWayAsTheEffectIs) {
  const std::vector<TargetedEffect> effects = {
      delay("e1", "e2", {.delay = milliseconds(5)}),
      {NodeName("e3"), DropFrom{{NodeName("e2")}}},
      {NodeName("e4"), LoseFrom{.peers = {NodeName("e1")}, .loss = {}}}};
  const std::set<std::pair<NodeName, NodeName>> links = {{NodeName("e1"), NodeName("e2")},
                                                         {NodeName("e2"), NodeName("e3")},
                                                         {NodeName("e1"), NodeName("e4")}};
  EXPECT_EQ(touched_links(effects), links);
}

}  // namespace
}  // namespace squall
