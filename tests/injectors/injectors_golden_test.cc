// What each fault kind does to each node: one golden file per kind, fault text → effects text.
#include <gtest/gtest.h>

#include "injectors/injector.h"
#include "tests/support/golden.h"

namespace squall {
namespace {

HostFacts three_nodes() {
  return {.nodes = {NodeName("e1"), NodeName("e2"), NodeName("e3")}};
}

std::string effects_text(const std::string& line) {
  std::string text = line + "\n";
  const Result<Fault> fault = parse_fault(line);
  if (!fault.ok()) return text + "  error: " + fault.error().what + "\n";
  const Result<std::vector<TargetedEffect>> effects = effects_of(*fault, three_nodes());
  if (!effects.ok()) return text + "  error: " + effects.error().what + "\n";
  text += "  is " + to_text(*fault) + "\n";
  for (const TargetedEffect& effect : *effects) {
    text += "  " + effect.node.get() + ": " + to_text(effect.effect) + "\n";
  }
  return text;
}

std::string all_effects(std::initializer_list<const char*> lines) {
  std::string text;
  for (const char* line : lines) text += effects_text(line);
  return text;
}

TEST(Injectors, ClockSkew) {
  expect_golden(
      "injectors/golden/clock_skew.txt",
      all_effects({"clock.skew off: e1/etcd (offset=-90s)",
                   "clock.skew off: e1/etcd, e2/etcd (offset=+1m30s)",
                   "clock.skew off: e1/etcd (offset=1ns)", "clock.skew off: e1/etcd",
                   "clock.skew off: e1/etcd (offset=0s)", "clock.skew off: e1/etcd (offset=-0ms)",
                   "clock.skew off: e1/etcd (offset=90)", "clock.skew off: e1/etcd (offset=--90s)",
                   "clock.skew off: e1/etcd (offset=8760h)",
                   "clock.skew off: e1/etcd (offset=-8761h)",
                   "clock.skew off: e1/etcd (offst=-90s)", "clock.skew off: e1 (offset=-90s)",
                   "clock.skew off: e4/etcd (offset=-90s)",
                   "clock.skew off: e1/etcd | e2/etcd (offset=-90s)"}));
}

TEST(Injectors, NetworkPartition) {
  expect_golden(
      "injectors/golden/network_partition.txt",
      all_effects({"network.partition cut: e1 | e2", "network.partition cut: e1, e2 | e3",
                   "network.partition cut: e1 | e2, e3 (direction=one-way)",
                   "network.partition cut: e1", "network.partition cut: e1 | e1, e2",
                   "network.partition cut: e1/etcd | e2", "network.partition cut: e1 | e4",
                   "network.partition cut: e1 | e2 (direction=three-way)",
                   "network.partition cut: e1 | e2 (directon=both)"}));
}

TEST(Injectors, NetworkDelay) {
  expect_golden(
      "injectors/golden/network_delay.txt",
      all_effects({"network.delay slow: e1 | e2 (delay=50ms)",
                   "network.delay slow: e1 | e2, e3 (delay=1.5s, direction=one-way)",
                   "network.delay slow: e1 | e2 (delay=50ms, jitter=10ms, correlation=25%)",
                   "network.delay slow: e1 | e2 (delay=50ms, jitter=10ms, distribution=pareto)",
                   "network.delay slow: e1 | e2", "network.delay slow: e1 | e2 (delay=0ms)",
                   "network.delay slow: e1 | e2 (delay=50)",
                   "network.delay slow: e1 | e2 (delay=99us)",
                   "network.delay slow: e1 | e2 (delay=61s)",
                   "network.delay slow: e1 | e2 (delay=5ms, jitter=6ms)",
                   "network.delay slow: e1 | e2 (delay=5ms, correlation=25%)",
                   "network.delay slow: e1 | e2 (delay=5ms, jitter=1ms, correlation=100%)",
                   "network.delay slow: e1 | e2 (delay=5ms, distribution=normal)",
                   "network.delay slow: e1 | e2 (delay=5ms, jitter=1ms, distribution=gamma)",
                   "network.delay slow: e1 | e1 (delay=5ms)", "network.delay slow: e1 (delay=5ms)",
                   "network.delay slow: e1/etcd | e2 (delay=5ms)"}));
}

TEST(Injectors, NetworkLoss) {
  expect_golden(
      "injectors/golden/network_loss.txt",
      all_effects(
          {"network.loss lossy: e1 | e2 (loss=5%)",
           "network.loss lossy: e1, e2 | e3 (loss=0.01%, direction=one-way)",
           "network.loss lossy: e1 | e2 (loss=20%, model=burst)",
           "network.loss lossy: e1 | e2 (loss=1%, model=burst, burst=2.5)",
           "network.loss lossy: e1 | e2 (loss=100%)", "network.loss lossy: e1 | e2",
           "network.loss lossy: e1 | e2 (loss=0%)", "network.loss lossy: e1 | e2 (loss=0.00004%)",
           "network.loss lossy: e1 | e2 (loss=101%)", "network.loss lossy: e1 | e2 (loss=0.2)",
           "network.loss lossy: e1 | e2 (loss=5%, burst=3)",
           "network.loss lossy: e1 | e2 (loss=5%, model=burst, burst=1)",
           "network.loss lossy: e1 | e2 (loss=5%, model=burst, burst=2000)",
           "network.loss lossy: e1 | e9 (loss=5%)"}));
}

TEST(Injectors, ProcessKill) {
  expect_golden("injectors/golden/process_kill.txt",
                all_effects({"process.kill k: e1/etcd",
                             "process.kill k: e1/etcd, e2/etcd (signal=TERM, restart-after=2s)",
                             "process.kill k: e1", "process.kill k: e9/etcd",
                             "process.kill k: e1/etcd (restart-after=2)",
                             "process.kill k: e1/etcd (signal=STOP)"}));
}

TEST(Injectors, ProcessPause) {
  expect_golden(
      "injectors/golden/process_pause.txt",
      all_effects(
          {"process.pause p: e1/etcd", "process.pause p: e1/etcd, e3/etcd (mechanism=sigstop)",
           "process.pause p: e1/etcd (mechanism=magic)", "process.pause p: e1/etcd | e2/etcd"}));
}

TEST(Injectors, AnUnknownKindIsAnErrorWithTheNearestOne) {
  EXPECT_EQ(parse_fault("process.kil k: e1/etcd").error().what,
            "unknown fault 'process.kil'; did you mean 'process.kill'?");
}

TEST(Injectors, EveryKindHasAGoldenTestAndAHelp) {
  for (const InjectorRow& row : injectors()) {
    EXPECT_FALSE(row.help.empty()) << row.kind;
    EXPECT_FALSE(row.explain.empty()) << row.kind;
    std::string file(row.kind);
    file.replace(file.find('.'), 1, "_");
    const char* source = std::getenv("SQUALL_SOURCE_DIR");
    ASSERT_NE(source, nullptr);
    EXPECT_TRUE(read_file(std::string(source) + "/tests/injectors/golden/" + file + ".txt").ok())
        << row.kind;
  }
}

}  // namespace
}  // namespace squall
