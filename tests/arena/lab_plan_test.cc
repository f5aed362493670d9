// The lab as data.
#include "arena/lab_plan.h"

#include <gtest/gtest.h>

#include "tests/arena/lab_text.h"

namespace squall {
namespace {

std::string print(const Result<LabPlan>& plan) {
  if (!plan.ok()) return plan.error().what;
  std::string text;
  for (const LabRegion& region : plan->regions) {
    text += region.name + ": " + region.bridge + " " + region.gateway4 + " in " + region.prefix4 +
            ", " + region.gateway6 + " in " + region.prefix6 + "\n";
  }
  for (const LabNode& node : plan->nodes) {
    text += node.name.get() + ": " + node.veth + " " + node.addresses.ipv4 + " " +
            node.addresses.ipv6 + "\n";
  }
  for (const auto& [pair, delay] : plan->delay) {
    text += plan->regions[pair.from].name + "→" + plan->regions[pair.to].name + ": " +
            to_text(delay) + "\n";
  }
  return text;
}

TEST(LabPlan, NumbersRegionsAndNodesInTheTopologysOrder) {
  EXPECT_EQ(
      print(plan_lab(topology("eu e1 e2 | us e3", "eu us 40ms"), true)),
      "eu: squall-r1 198.18.1.254 in 198.18.1.0/24, fd00:198:18:1::254 in fd00:198:18:1::/64\n"
      "us: squall-r2 198.18.2.254 in 198.18.2.0/24, fd00:198:18:2::254 in fd00:198:18:2::/64\n"
      "e1: squall-v1 198.18.1.1 fd00:198:18:1::1\n"
      "e2: squall-v2 198.18.1.2 fd00:198:18:1::2\n"
      "e3: squall-v3 198.18.2.3 fd00:198:18:2::3\n"
      "eu→us: 40ms\n"
      "us→eu: 40ms\n");
}

TEST(LabPlan, HasNoDelaysWithoutABaseline) {
  const Result<LabPlan> plan = plan_lab(topology("eu e1 | us e2", "eu us 40ms"), false);
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(plan->delay.empty());
}

TEST(LabPlan, ANodeWithoutARegionGetsOneOfItsOwnKind) {
  Topology single;
  single.nodes.push_back(NodeSpec{.name = NodeName("a"), .region = "", .run = {}});
  const Result<LabPlan> plan = plan_lab(single, true);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->nodes[0].addresses.ipv4, "198.18.1.1");
}

TEST(LabPlan, RefusesWhatCannotBeAHost) {
  EXPECT_EQ(print(plan_lab(topology("eu ../etc", ""), true)), "'../etc' is not a host name");
  EXPECT_EQ(print(plan_lab(topology("eu e1 e1", ""), true)), "node 'e1' is there twice");
  EXPECT_EQ(print(plan_lab(Topology{}, true)), "the topology has no nodes");
}

TEST(LabPlan, HostsNamesEveryNodeInBothFamilies) {
  const Result<LabPlan> plan = plan_lab(topology("eu e1 | us e2", ""), true);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(hosts_file(*plan),
            "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"
            "198.18.1.1 e1\nfd00:198:18:1::1 e1\n198.18.2.2 e2\nfd00:198:18:2::2 e2\n");
}

}  // namespace
}  // namespace squall
