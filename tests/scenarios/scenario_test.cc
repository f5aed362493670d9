// What a scenario means once it is read: defaults, overrides, placement, placeholders, places.
#include "scenarios/scenario.h"

#include <gtest/gtest.h>

#include "scenarios/placeholders.h"
#include "scenarios/placement.h"
#include "tests/scenarios/small_world.h"

namespace squall {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::parsed;
using test::problems_in;
using test::small_scenario;

TEST(Scenario, LeftOutKeysHaveDefaults) {
  const Scenario scenario = parsed(small_scenario());
  EXPECT_EQ(scenario.expect, Expect::kPass);
  EXPECT_EQ(scenario.seed, 1U);
  EXPECT_EQ(scenario.settle, seconds(5));
  EXPECT_EQ(scenario.workload.at(0).from.text(), "all");
  EXPECT_EQ(scenario.workload.at(1).name, "etcd-lock");
  EXPECT_EQ(scenario.workload.at(1).params.duration("hold"), seconds(1));
}

TEST(Scenario, DelaysHoldBothWays) {
  const Topology topology = parsed(small_scenario()).topology;
  EXPECT_EQ(topology.delay.at({"eu", "us"}), milliseconds(20));
  EXPECT_EQ(topology.delay.at({"us", "eu"}), milliseconds(20));
}

TEST(Scenario, FaultsWithoutNamesAreCalledAfterTheirKind) {
  const Scenario scenario = parsed(small_scenario(
      "[{at: 1s, fault: process.kill, on: e1}, {at: 2s, fault: process.kill, on: e2}]"));
  EXPECT_EQ(scenario.timeline.at(0).id, FaultId("process.kill"));
  EXPECT_EQ(scenario.timeline.at(1).id, FaultId("process.kill@2"));
}

TEST(Scenario, FromAndToCutOneWay) {
  const Scenario scenario =
      parsed(small_scenario("[{at: 1s, for: 1s, fault: network.partition, from: e1, to: e2},"
                            " {at: 1s, for: 1s, fault: network.partition, between: [e1, e2]}]"));
  EXPECT_EQ(scenario.timeline.at(0).params.text("direction"), "one-way");
  EXPECT_EQ(scenario.timeline.at(1).params.text("direction"), "both");
}

TEST(Overrides, ReachKeysThatAreThereAndKeysThatAreNot) {
  const std::string text =
      small_scenario("[{at: 1s, for: 1s, fault: network.partition, between: [e1, e2], name: cut}]");
  const Scenario scenario = parsed(text, {{"seed", "9"},
                                          {"settle", "2s"},
                                          {"steady.availability", "50%"},
                                          {"timeline.cut.for", "5s"},
                                          {"workload.0.timeout", "3s"},
                                          {"workload.etcd-lock.hold", "2s"},
                                          {"checks.linearizable.client", "etcd-lock"}});
  EXPECT_EQ(scenario.seed, 9U);
  EXPECT_EQ(scenario.settle, seconds(2));
  EXPECT_EQ(scenario.steady.availability, 0.5);
  EXPECT_EQ(scenario.timeline.at(0).length, seconds(5));
  EXPECT_EQ(scenario.workload.at(0).params.duration("timeout"), seconds(3));
  EXPECT_EQ(scenario.workload.at(1).params.duration("hold"), seconds(2));
  EXPECT_EQ(scenario.checks.at(0).params.text("client"), "etcd-lock");
}

TEST(Overrides, OfNothingAreRefusedWithTheNearestName) {
  const std::string text = small_scenario();
  EXPECT_EQ(problems_in(text, {{"sede", "9"}}),
            "--set sede=9: unknown key 'sede' in a scenario; did you mean 'seed'?\n");
  EXPECT_EQ(problems_in(text, {{"workload.kw.timeout", "3s"}}),
            "--set workload.kw.timeout=3s: nothing is named 'kw'; did you mean 'kv'?\n");
  EXPECT_EQ(problems_in(text, {{"workload.kv.timeuot", "3s"}}),
            "--set workload.kv.timeuot=3s: unknown key 'timeuot' in a workload entry; did you mean "
            "'timeout'?\n");
  EXPECT_EQ(problems_in(text, {{"name.first", "x"}}),
            "--set name.first=x: 'small' has no part 'first'\n");
  EXPECT_EQ(problems_in(text, {{"settle", "5"}}),
            "--set settle=5: 'settle': '5' is not a duration; write a number and a unit such as "
            "40ms, 3s, 1m30s\n");
}

TEST(Placement, DealsProcessesRoundRobin) {
  const Scenario scenario = parsed(small_scenario());
  const auto placements = place_clients(scenario, test::small_vocabulary());
  ASSERT_TRUE(placements.ok());
  std::string text;
  for (const ClientPlacement& placement : *placements) {
    text += to_text(placement.target) + ":";
    for (const std::int64_t id : placement.ids) text += " " + std::to_string(id);
    text += "\n";
  }
  EXPECT_EQ(text,
            "e1/kv: 0 3\ne2/kv: 1\ne3/kv: 2\n"
            "e1/etcd-lock.0: 4\ne2/etcd-lock.1: 5\ne1/etcd-lock.2: 6\n");
}

std::string expanded(const std::string& text) {
  const Scenario scenario = parsed(small_scenario());
  const ExpandContext context{scenario.topology,
                              NodeName("e2"),
                              "/run/e2",
                              {{"e1", {"198.18.0.1", "fd00::1"}},
                               {"e2", {"198.18.0.2", "fd00::2"}},
                               {"e3", {"198.18.0.3", "fd00::3"}}}};
  return expand(text, context).value_or("an error");
}

TEST(Placeholders, AreReplacedPerNode) {
  EXPECT_EQ(expanded("{node} {ip} {ip6} {dir} {region} {index}"),
            "e2 198.18.0.2 fd00::2 /run/e2 eu 1");
  EXPECT_EQ(expanded("{ip:e1} {ip6:e3}"), "198.18.0.1 fd00::3");
  EXPECT_EQ(expanded("{nodes:proxy:{node}-{index}}"), "e3-2");
  EXPECT_EQ(expanded("{nodes:registry:{node}=http://{ip}:1}"),
            "e1=http://198.18.0.1:1,e2=http://198.18.0.2:1,e3=http://198.18.0.3:1");
}

TEST(Placeholders, OtherBracesStay) {
  EXPECT_EQ(expanded("{} {\"a\": 1} a{2,3} } {{node}"), "{} {\"a\": 1} a{2,3} } {node}");
}

TEST(Variables, HaveDefaultsThatAScenarioReplaces) {
  const auto command = [](const std::string& with) {
    const Scenario scenario = parsed(
        "{squall: 1, name: a, why: b, workload: [{client: etcd}], checks: [linearizable], stack: "
        "{" +
        with +
        "inline: {topology: t, variables: {size: 3}, nodes: {e1: {run: [a]}}, processes: {a: "
        "{command: ['--size={var:size}']}}}}}");
    return scenario.topology.processes.at(0).command.at(0);
  };
  EXPECT_EQ(command(""), "--size=3");
  EXPECT_EQ(command("with: {size: 5}, "), "--size=5");
}

std::string load_problem(const std::string& path) {
  std::vector<Problem> problems;
  (void)load_scenario(path, test::small_options(), problems);
  return problems.empty() ? "" : problems[0].to_text();
}

TEST(LoadScenario, RefusesWhatIsNoFile) {
  EXPECT_EQ(load_problem("/no/such/file.yaml"), "/no/such/file.yaml: there is no such file");
  EXPECT_EQ(load_problem("/"), "/: not a file");
  EXPECT_EQ(load_problem("/dev/zero"), "/dev/zero: not a file");
}

TEST(LoadScenario, RefusesWhatIsTooLarge) {
  EXPECT_EQ(problems_in(std::string((std::size_t{1} << 20U) + 1, 'x')),
            "test.yaml:1:1: larger than 1 MiB; that is no file of ours\n");
}

TEST(LoadScenario, FindsTheTopologyAboveTheScenario) {
  std::vector<Problem> problems;
  LoadOptions options = test::small_options();
  const auto scenario = parse_scenario(
      "{squall: 1, name: a, why: b, stack: {use: topologies/etcd-3.yaml}, workload: [{client: "
      "etcd, name: kv}], checks: [linearizable]}",
      test::source_path("scenarios/deeper/still.yaml"), options, problems);
  ASSERT_TRUE(scenario.ok()) << problems.at(0).to_text();
  EXPECT_EQ(scenario->topology.name, "etcd-3");
  EXPECT_EQ(scenario->topology.nodes.size(), 3U);
}

TEST(Topologies, OfTheLibraryAreRight) {
  for (const char* name : {"etcd-3", "redis-sentinel"}) {
    EXPECT_EQ(problems_in("{squall: 1, name: a, why: b, stack: {use: " +
                          test::source_path(std::string("topologies/") + name + ".yaml") +
                          "}, workload: [{client: etcd, name: kv}], checks: [linearizable]}"),
              "");
  }
}

}  // namespace
}  // namespace squall
