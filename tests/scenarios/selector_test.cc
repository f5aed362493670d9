// What selectors match, in a world of three nodes.
#include "scenarios/selector.h"

#include <gtest/gtest.h>

#include <set>

#include "scenarios/placement.h"
#include "tests/scenarios/small_world.h"

namespace squall {
namespace {

using Targets = Result<std::vector<Target>>;

std::string joined(const std::vector<Target>& targets) {
  std::string text;
  for (const Target& target : targets) text += (text.empty() ? "" : " ") + to_text(target);
  return text;
}

// The targets, or the error; e2 leads and lock process 1 on e2 holds.
std::string match(const std::string& text, std::uint64_t seed = 1) {
  const Scenario scenario = test::parsed(test::small_scenario());
  const auto placements = place_clients(scenario, test::small_vocabulary());
  const std::vector<ClientProcess> clients = client_processes(scenario, *placements);
  const SelectorWorld world{
      scenario.topology, clients,
      [](const std::string&) -> Targets {
        return std::vector<Target>{{NodeName("e2"), ProcessName("etcd")}};
      },
      [](const std::string&) -> Targets {
        return std::vector<Target>{{NodeName("e2"), ProcessName("etcd-lock.1")}};
      }};
  const Result<Selector> selector = parse_selector(text);
  if (!selector) return selector.error().what;
  if (const Result<> names = check_names(*selector, world); !names) return names.error().what;
  Rng rng(seed);
  const Targets targets = resolve(*selector, world, rng);
  return targets ? joined(*targets) : targets.error().what;
}

TEST(Selector, NamesNodesProcessesRolesRegionsAndClients) {
  EXPECT_EQ(match("all"), "e1 e2 e3");
  EXPECT_EQ(match("e2"), "e2");
  EXPECT_EQ(match("e3/proxy"), "e3/proxy");
  EXPECT_EQ(match("role/registry"), "e1/etcd e2/etcd e3/etcd");
  EXPECT_EQ(match("region/eu"), "e1 e2");
  EXPECT_EQ(match("client/kv"), "e1/kv e2/kv e3/kv");
  EXPECT_EQ(match("client/etcd-lock"), "e1/etcd-lock.0 e1/etcd-lock.2 e2/etcd-lock.1");
  EXPECT_EQ(match("e2/etcd-lock.1"), "e2/etcd-lock.1");
}

TEST(Selector, AsksTheRunningStack) {
  EXPECT_EQ(match("leader(registry)"), "e2/etcd");
  EXPECT_EQ(match("holder(etcd-lock)"), "e2/etcd-lock.1");
}

TEST(Selector, ANodeStandsForWhatIsOnIt) {
  EXPECT_EQ(match("region/eu & role/registry"), "e1/etcd e2/etcd");
  EXPECT_EQ(match("role/registry & region/us"), "e3/etcd");
  EXPECT_EQ(match("e1 & e1"), "e1");
}

TEST(Selector, NotTakesAway) {
  EXPECT_EQ(match("!leader(registry)"), "e1 e3");
  EXPECT_EQ(match("role/registry & !leader(registry)"), "e1/etcd e3/etcd");
  EXPECT_EQ(match("!leader(registry) & role/registry"), "e1/etcd e3/etcd");
  EXPECT_EQ(match("client/etcd-lock & !holder(etcd-lock)"), "e1/etcd-lock.0 e1/etcd-lock.2");
  EXPECT_EQ(match("!e1 & !e2"), "e3");
  EXPECT_EQ(match("!(e1 | e2)"), "e3");
  EXPECT_EQ(match("!!e1"), "e1");
}

TEST(Selector, AndBindsTighterThanOr) {
  EXPECT_EQ(match("e1 | e2 & region/us"), "e1");
  EXPECT_EQ(match("(e1 | e3) & region/us"), "e3");
}

TEST(Selector, ResultsAreInTheTopologysOrderWithoutDuplicates) {
  EXPECT_EQ(match("e3 | e1 | e3 | region/us"), "e1 e3");
  EXPECT_EQ(match("e3/proxy | e3/etcd"), "e3/etcd e3/proxy");
}

TEST(Selector, DrawsAreTheSeeds) {
  std::set<std::string> drawn;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_EQ(match("one-of(all)", seed), match("one-of(all)", seed));
    drawn.insert(match("one-of(all)", seed));
  }
  EXPECT_EQ(drawn, (std::set<std::string>{"e1", "e2", "e3"}));
  EXPECT_EQ(match("minority(all)").size(), std::string("e1").size());
  EXPECT_EQ(match("majority(all)").size(), std::string("e1 e2").size());
}

TEST(Selector, MistakesSayTheirColumn) {
  EXPECT_EQ(match("e1 & e9"), "column 6: unknown node 'e9'; did you mean 'e1'?");
  EXPECT_EQ(match("leader(store)"), "column 8: unknown role 'store'; one of: proxy, registry");
  EXPECT_EQ(match("leader(proxy)"),
            "column 8: the topology does not say how to ask for the leader of 'proxy'; give it a "
            "'leader:'");
  EXPECT_EQ(match("(e1"), "column 4: expected ')'");
  EXPECT_EQ(match(""), "column 1: expected a node, a role, a region, a client or a function");
  EXPECT_EQ(match("region/eu & region/us"), "selector 'region/eu & region/us' matches nothing");
}

TEST(Selector, BeforeTheRunTheLeaderIsNotKnown) {
  const Scenario scenario = test::parsed(test::small_scenario());
  const std::vector<ClientProcess> none;
  const SelectorWorld world{scenario.topology, none, {}, {}};
  Rng rng(1);
  const Targets targets = resolve(*parse_selector("leader(registry)"), world, rng);
  ASSERT_FALSE(targets.ok());
  EXPECT_EQ(targets.error().code, Errc::kUnsupported);
}

TEST(Aiming, NodesAndProcessesOfTargets) {
  const Scenario scenario = test::parsed(test::small_scenario());
  const std::vector<Target> mixed = {{NodeName("e3"), {}},
                                     {NodeName("e1"), ProcessName("etcd")},
                                     {NodeName("e1"), ProcessName("kv")}};
  EXPECT_EQ(joined(nodes_of(mixed)), "e3 e1");
  EXPECT_EQ(joined(processes_of(mixed, scenario.topology)), "e3/etcd e3/proxy e1/etcd e1/kv");
}

}  // namespace
}  // namespace squall
