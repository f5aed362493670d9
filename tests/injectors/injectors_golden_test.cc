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
