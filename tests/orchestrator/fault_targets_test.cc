// Selectors become the targets that a kind aims at.
#include "orchestrator/fault_targets.h"

#include <gtest/gtest.h>

#include "tests/orchestrator/small_run.h"

namespace squall {
namespace {

// The client lock runs as a process of its own on e1; whoever is asked, e2 leads.
Result<ResolvedTargets> resolved(const std::string& entry, std::uint64_t seed = 1) {
  const Scenario scenario = test::small_run("[" + entry + "]");
  const std::vector<ClientProcess> clients = {{"lock", {NodeName("e1"), ProcessName("lock.0")}}};
  const SelectorWorld world{scenario.topology, clients,
                            [](const std::string&) -> Result<std::vector<Target>> {
                              return std::vector<Target>{{NodeName("e2"), ProcessName("etcd")}};
                            },
                            [](const std::string&) -> Result<std::vector<Target>> {
                              return Error{Errc::kNotFound, "nobody holds the lock"};
                            }};
  return resolve_targets(scenario.timeline.front(), world, seed);
}

std::string targets(const std::string& entry, std::uint64_t seed = 1) {
  const Result<ResolvedTargets> found = resolved(entry, seed);
  if (!found) return found.error().what;
  EXPECT_EQ(found->is_live, !found->selected_by.empty());
  return sides_text(found->sides) + (found->selected_by.empty() ? "" : " by " + found->selected_by);
}

TEST(FaultTargets, AreNodesForAPartition) {
  EXPECT_EQ(targets("{at: 1s, for: 1s, fault: network.partition, between: [region/eu, e3/etcd]}"),
            "e1, e2 | e3");
}

TEST(FaultTargets, AreProcessesForAPause) {
  EXPECT_EQ(targets("{at: 1s, for: 1s, fault: process.pause, on: region/eu}"), "e1/etcd, e2/etcd");
}

TEST(FaultTargets, NameAClientsProcess) {
  EXPECT_EQ(targets("{at: 1s, for: 1s, fault: process.pause, on: client/lock}"), "e1/lock.0");
}

TEST(FaultTargets, RecordWhoWasAskedAndWhatTheAnswerWas) {
  EXPECT_EQ(targets("{at: 1s, fault: process.kill, on: leader(registry)}"),
            "e2/etcd by leader(registry) = e2/etcd");
  EXPECT_EQ(targets("{at: 1s, for: 1s, fault: network.partition, "
                    "between: [leader(registry), '!leader(registry)']}"),
            "e2 | e1, e3 by leader(registry) = e2; !leader(registry) = e1, e3");
}

TEST(FaultTargets, PassOnWhyNobodyAnswered) {
  const std::string why = targets("{at: 1s, for: 1s, fault: process.pause, on: holder(lock)}");
  EXPECT_NE(why.find("nobody holds the lock"), std::string::npos) << why;
}

TEST(FaultTargets, OfAnEntryAreTheSameForTheSameSeed) {
  const std::string one = "{at: 1s, fault: process.kill, on: one-of(all)}";
  bool has_other = false;
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    EXPECT_EQ(targets(one, seed), targets(one, seed));
    has_other |= targets(one, seed) != targets(one, 1);
  }
  EXPECT_TRUE(has_other);
}

}  // namespace
}  // namespace squall
