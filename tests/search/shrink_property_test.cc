// Laws of shrinking, for simulated violations that need any mixture of parts, and are flaky.  A
// shrink parses hundreds of scenarios, so there are fewer cases than RapidCheck would make.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/rng.h"
#include "scenarios/schedule.h"
#include "tests/search/shrink_world.h"

namespace squall {
namespace {

const std::vector<std::string> kFaults = {"cut", "slow", "lossy", "stop", "kill", "late"};

struct Need {
  std::set<std::string> faults;
  Duration length{0};  // of each state among them
  int processes = 1;
};

constexpr std::uint64_t kCases = 8;

Need any_need(Rng& rng) {
  Need need;
  for (const std::string& fault : kFaults) {
    if (rng.below(3) == 0) need.faults.insert(fault);
  }
  need.length = std::chrono::milliseconds(100 + rng.below(900));
  need.processes = static_cast<int>(1 + rng.below(6));
  return need;
}

bool has_need(const Scenario& scenario, const Need& need) {
  if (scenario.workload[0].processes < need.processes) return false;
  return std::all_of(need.faults.begin(), need.faults.end(), [&](const std::string& id) {
    if (!test::has_fault(scenario, id)) return false;
    const TimelineEntry& entry = test::fault_of(scenario, id);
    return entry.length == Duration{0} || entry.length >= need.length;
  });
}

TEST(Shrink, KeepsExactlyTheFaultsThatAreNeeded) {
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    Rng rng(seed);
    const Need need = any_need(rng);
    const test::Shrunk shrunk =
        test::shrink_all([&need](const Scenario& scenario) { return has_need(scenario, need); });
    EXPECT_TRUE(has_need(shrunk.scenario, need)) << seed;
    EXPECT_EQ(shrunk.scenario.timeline.size(), need.faults.size()) << seed;
    // Half of the way to one process was refused.
    const int processes = shrunk.scenario.workload[0].processes;
    EXPECT_GE(processes, need.processes) << seed;
    EXPECT_LT((processes - 1) / 2, need.processes) << seed;
  }
}

// Each candidate is tried three times; one violation is enough.
TEST(Shrink, OfAFlakyViolationNeverLosesWhatItNeeds) {
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    Rng rng(seed);
    const Need need = any_need(rng);
    const double p = 0.2 + 0.1 * static_cast<double>(seed % 8);
    const test::Shrunk shrunk = test::shrink_all([&](const Scenario& scenario) {
      bool is_shown = false;
      for (int i = 0; i < 3; ++i) is_shown |= rng.unit() < p;
      return is_shown && has_need(scenario, need);
    });
    EXPECT_TRUE(has_need(shrunk.scenario, need)) << seed;
  }
}

TEST(Shrink, EveryCandidateIsARunnableScenario) {
  Rng rng(1);
  const Need need = any_need(rng);
  ShrinkMachine machine(test::big_scenario(), test::big_scope(), test::shrink_vocabulary());
  while (const ShrinkCandidate* candidate = machine.next()) {
    const Scenario scenario = test::parsed_scenario(candidate->text);
    EXPECT_EQ(to_yaml(scenario), candidate->text);
    EXPECT_TRUE(resolve_schedule(scenario, {.seed = scenario.seed}).ok()) << candidate->text;
    machine.on(has_need(scenario, need));
  }
}

}  // namespace
}  // namespace squall
