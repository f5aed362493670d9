// Laws of shrinking, for simulated violations that need any mixture of parts, and are flaky.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

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

Need any_need() {
  Need need;
  for (const std::string& fault : kFaults) {
    if (*rc::gen::inRange(0, 3) == 0) need.faults.insert(fault);
  }
  need.length = std::chrono::milliseconds(*rc::gen::inRange(100, 1000));
  need.processes = *rc::gen::inRange(1, 7);
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

RC_GTEST_PROP(Shrink, KeepsExactlyTheFaultsThatAreNeeded, ()) {
  const Need need = any_need();
  const test::Shrunk shrunk =
      test::shrink_all([&need](const Scenario& scenario) { return has_need(scenario, need); });
  RC_ASSERT(has_need(shrunk.scenario, need));
  RC_ASSERT(shrunk.scenario.timeline.size() == need.faults.size());
  RC_ASSERT(shrunk.scenario.workload[0].processes == need.processes);
}

// Each candidate is tried three times; one violation is enough.
RC_GTEST_PROP(Shrink, OfAFlakyViolationNeverLosesWhatItNeeds, ()) {
  const Need need = any_need();
  Rng rng(*rc::gen::arbitrary<std::uint64_t>());
  const double p = *rc::gen::inRange(2, 10) / 10.0;
  const test::Shrunk shrunk = test::shrink_all([&](const Scenario& scenario) {
    bool is_shown = false;
    for (int i = 0; i < 3; ++i) is_shown |= rng.unit() < p;
    return is_shown && has_need(scenario, need);
  });
  RC_ASSERT(has_need(shrunk.scenario, need));
}

RC_GTEST_PROP(Shrink, EveryCandidateIsARunnableScenario, ()) {
  const Need need = any_need();
  ShrinkMachine machine(test::big_scenario(), test::big_scope(), test::shrink_vocabulary());
  while (const ShrinkCandidate* candidate = machine.next()) {
    const Scenario scenario = test::parsed_scenario(candidate->text);
    RC_ASSERT(to_yaml(scenario) == candidate->text);
    RC_ASSERT(resolve_schedule(scenario, {.seed = scenario.seed}).ok());
    machine.on(has_need(scenario, need));
  }
}

}  // namespace
}  // namespace squall
