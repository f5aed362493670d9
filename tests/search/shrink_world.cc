// A scenario that is worth shrinking.
#include "tests/search/shrink_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace squall::test {
namespace {

constexpr std::array<ParamSpec, 3> kClient = {{
    {"every", ParamType::kDuration, "20ms", "pause", ""},
    {"keys", ParamType::kInteger, "3", "keys", ""},
    {"reads", ParamType::kPercent, "50%", "share of reads", ""},
}};
constexpr std::array<ClientRow, 1> kClients = {{{"store", "A client.", "", kClient, false}}};

constexpr const char* kBig = R"(squall: 1
name: big
why: to be shrunk
seed: 9
settle: 8s
stack:
  inline:
    topology: small
    regions: {eu: {us: 20ms}, us: {}}
    nodes:
      s1: {region: eu, run: [store]}
      s2: {region: eu, run: [store]}
      s3: {region: us, run: [store]}
    processes: {store: {command: [store, '--name={node}']}}
workload:
  - {client: store, name: kv, processes: 6, keys: 40}
  - {client: store, name: extra, processes: 2, from: s3}
timeline:
  - {at: 2s, for: 10s, fault: network.partition, between: [s1, s2 | s3], name: cut}
  - {at: 3s, for: 8s, fault: network.delay, between: [s1, s3], delay: 80ms, name: slow}
  - {at: 4s, for: 4s, fault: network.loss, from: s2, to: s3, loss: 20%, name: lossy}
  - {at: 14s, for: 6s, fault: process.pause, on: s2/store, name: stop}
  - {at: 25s, fault: process.kill, on: s3/store, restart-after: 2s, name: kill}
  - {after: {fault: cut, by: 1s}, for: 1s, fault: process.pause, on: s1/store, name: late}
checks:
  - linearizable: {client: kv}
  - log-pattern
)";

}  // namespace

Vocabulary shrink_vocabulary() {
  return {kClients};
}

Scenario parsed_scenario(const std::string& text) {
  std::vector<Problem> problems;
  auto scenario = parse_scenario(text, "big.yaml", {{}, shrink_vocabulary()}, problems);
  for (const Problem& problem : problems) ADD_FAILURE() << problem.to_text();
  return std::move(scenario).value_or(Scenario());
}

Scenario big_scenario() {
  return parsed_scenario(kBig);
}

ShrinkScope big_scope() {
  return {big_scenario().checks[0], {{FaultId("late"), std::chrono::seconds(13)}}};
}

Shrunk shrink_all(const Runs& violates, std::map<std::string, bool> known, int limit) {
  ShrinkMachine machine(big_scenario(), big_scope(), shrink_vocabulary(), std::move(known));
  Shrunk shrunk;
  while (const ShrinkCandidate* candidate = machine.next()) {
    if (shrunk.candidates == limit) break;
    ++shrunk.candidates;
    EXPECT_LE(shrunk.candidates, 4999) << "it must end";
    machine.on(violates(parsed_scenario(candidate->text)));
  }
  shrunk.scenario = machine.best();
  shrunk.changes = machine.changes();
  shrunk.known = machine.known();
  return shrunk;
}

bool has_fault(const Scenario& scenario, const std::string& id) {
  return std::any_of(scenario.timeline.begin(), scenario.timeline.end(),
                     [&id](const TimelineEntry& entry) { return entry.id.get() == id; });
}

const TimelineEntry& fault_of(const Scenario& scenario, const std::string& id) {
  for (const TimelineEntry& entry : scenario.timeline) {
    if (entry.id.get() == id) return entry;
  }
  ADD_FAILURE() << "no fault " << id;
  return scenario.timeline.front();
}

}  // namespace squall::test
