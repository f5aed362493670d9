// The law of the planes: removing a fault leaves the state as if it had never been there, in
// whatever order faults come and go.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <regex>

#include "tests/agent/fake_agent.h"

namespace squall {
namespace {

const std::vector<std::string>& all_faults() {
  static const std::vector<std::string> kFaults = {
      "network.partition a: e1 | e2",
      "network.partition b: e1, e2 | e3",
      "network.partition c: e3, e2 | e1 (direction=one-way)",
      "network.delay g: e1 | e2 (delay=50ms)",
      "network.delay h: e1, e2 | e3 (delay=20ms, jitter=5ms)",
      "network.loss i: e1 | e2 (loss=5%)",
      "network.loss j: e3, e2 | e1 (loss=5%, model=burst, direction=one-way)",
      "clock.skew k: e1/etcd (offset=-90s)",
      "clock.skew l: e1/etcd, e1/redis (offset=5s)",
      "clock.skew m: e1/etcd (offset=85s)",
      "process.pause d: e1/etcd",
      "process.pause e: e1/etcd, e1/redis (mechanism=freezer)",
      "process.pause f: e1/redis (mechanism=sigstop)",
  };
  return kFaults;
}

FaultId id_of(const std::string& line) {
  return parse_fault(line)->id;
}

// The first words of a step: apply the fault, or heal it.
struct Step {
  std::size_t fault = 0;
  bool is_apply = true;
};

std::vector<Step> any_steps() {
  const auto numbers = *rc::gen::container<std::vector<std::size_t>>(
      rc::gen::inRange<std::size_t>(0, 2 * all_faults().size()));
  std::vector<Step> steps;
  for (const std::size_t number : numbers) steps.push_back({number / 2, number % 2 == 0});
  return steps;
}

// Applies in the given order, a nanosecond apart; the order that the fold sees.
void apply_in_order(FakeAgent& agent, const std::vector<std::size_t>& faults) {
  for (const std::size_t fault : faults) {
    RC_ASSERT(agent.apply(all_faults().at(fault)).ok());
    agent.clock.advance(Duration(1));
  }
}

// A delay keeps the bit of the mark that was free when it came, or its packets would change lines
// under way: which bit that is, is a name and no state.
std::string without_bits(const std::string& fingerprint) {
  static const std::regex kBits("meta mark or [0-9]+");
  return std::regex_replace(fingerprint, kBits, "meta mark or A-BIT");
}

RC_GTEST_PROP(AgentCore, AHealedFaultLeavesNoTrace, ()) {
  FakeAgent lived("/cgroup");
  std::vector<std::size_t> active;
  for (const Step& step : any_steps()) {
    const auto at = std::find(active.begin(), active.end(), step.fault);
    if (step.is_apply && at == active.end()) {
      apply_in_order(lived, {step.fault});
      active.push_back(step.fault);
    } else if (!step.is_apply && at != active.end()) {
      RC_ASSERT(lived.core->heal(id_of(all_faults().at(step.fault))).ok());
      active.erase(at);
    }
  }
  FakeAgent fresh("/cgroup");
  apply_in_order(fresh, active);
  RC_ASSERT(without_bits(lived.kernel.fingerprint()) == without_bits(fresh.kernel.fingerprint()));
}

RC_GTEST_PROP(AgentCore, ReconcileThenHealIsAsBefore, ()) {
  FakeAgent agent("/cgroup");
  const std::string before = agent.kernel.fingerprint();
  for (const Step& step : any_steps()) {
    const std::string& line = all_faults().at(step.fault);
    if (step.is_apply) {
      RC_ASSERT(agent.apply(line).ok());
    } else {
      RC_ASSERT(agent.core->heal(id_of(line)).ok());
    }
    agent.clock.advance(Duration(1));
  }
  RC_ASSERT(agent.core->heal_all().ok());
  RC_ASSERT(agent.kernel.fingerprint() == before);
}

}  // namespace
}  // namespace squall
