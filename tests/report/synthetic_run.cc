// The recording that the report's tests print.
#include "tests/report/synthetic_run.h"

namespace squall::test {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

EvidenceRow evidence(const std::string& fault, const std::string& grade, bool holds) {
  return {fault, grade,      "during", "e1", "probe e2→e1 v4", "lost", holds ? "lost" : "arrived",
          holds, 4 * kSecond};
}

void add_faults(Recording& run, bool is_installed) {
  FaultInterval cut{"cut", "network.partition", "e1, e2 | e3", "direction=both", ""};
  cut.requested_start = cut.start = 3 * kSecond;
  cut.requested_end = cut.end = 13 * kSecond;
  cut.ending = "healed";
  FaultInterval crash{"crash", "process.kill", "e2/etcd", "signal=KILL",
                      "leader(registry) = e2/etcd"};
  crash.requested_start = crash.start = crash.requested_end = crash.end = 5 * kSecond;
  crash.is_event = true;
  run.faults = {cut, crash};
  run.evidence = {evidence("cut", "installed", is_installed), evidence("cut", "exercised", true),
                  evidence("cut", "consequential", true), evidence("crash", "installed", true),
                  evidence("crash", "exercised", true)};
}

Recording run(bool is_installed) {
  Recording recording;
  recording.meta = {
      {"scenario", "redis-set"}, {"arena", "lab"}, {"seed", "7"}, {"ending", "complete"}};
  add_faults(recording, is_installed);
  recording.verdicts = {
      {"linearizable{client=kv}", "kv", "valid", "safety", 812, "812 operations in order", "{}"},
      {"log-pattern", "", "unknown", "safety", 0, "no line was read", "{}"}};
  return recording;
}

}  // namespace

Scenario synthetic_scenario() {
  Scenario scenario;
  scenario.name = "redis-set";
  scenario.why = "a primary cut off acknowledges adds that nobody keeps";
  TimelineEntry cut;
  cut.id = FaultId("cut");
  cut.kind = "network.partition";
  cut.trigger = AtTime{std::chrono::seconds(3)};
  cut.length = std::chrono::seconds(10);
  TimelineEntry crash;
  crash.id = FaultId("crash");
  crash.kind = "process.kill";
  crash.trigger = AtTime{std::chrono::seconds(5)};
  scenario.timeline = {cut, crash};
  return scenario;
}

Recording violated_run() {
  Recording recording = run(true);
  recording.verdicts.push_back(
      {"set-full{client=set}", "set", "violated", "safety", 204,
       "37 acknowledged adds lost <b>\x1b[2J\x01",
       R"({"witnesses":[{"operations":[812],"why":"add 204 \u001b]0;owned\u0007 & \"gone\""},)"
       R"({"operations":[813],"why":"add 205"}]})"});
  return recording;
}

Recording invalid_run() {
  return run(false);
}

Recording unknown_run() {
  return run(true);
}

}  // namespace squall::test
