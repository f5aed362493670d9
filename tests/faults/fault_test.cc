// Faults, targets and effects as text.
#include "faults/fault.h"

#include <gtest/gtest.h>

#include "faults/effect.h"
#include "faults/fault_text.h"

namespace squall {
namespace {

std::string error_of_fault(std::string_view line) {
  const Result<FaultText> fault = parse_fault_text(line);
  return fault.ok() ? "ok" : fault.error().what;
}

TEST(Target, IsReadBackAsWritten) {
  for (const char* text : {"e1", "e1/etcd", "e1/etcd-lock.0"}) {
    const Result<Target> target = parse_target(text);
    ASSERT_TRUE(target.ok());
    EXPECT_EQ(to_text(*target), text);
  }
}

TEST(Target, RefusesWhatNamesNoPlace) {
  for (const char* text : {"", "/etcd", "e1/", "e1/a/b"}) {
    EXPECT_FALSE(parse_target(text).ok()) << text;
  }
}

TEST(FaultText, HasKindIdSidesAndParameters) {
  const Result<FaultText> fault =
      parse_fault_text("network.partition cut: e1, e2/etcd | e3 (direction=one-way, a=b)");
  ASSERT_TRUE(fault.ok()) << fault.error().what;
  EXPECT_EQ(fault->kind, "network.partition");
  EXPECT_EQ(fault->id.get(), "cut");
  ASSERT_EQ(fault->sides.size(), 2U);
  EXPECT_EQ(to_text(fault->sides[0][1]), "e2/etcd");
  EXPECT_EQ(to_text(fault->sides[1][0]), "e3");
  EXPECT_EQ(fault->params.at("direction"), "one-way");
  EXPECT_EQ(fault->params.at("a"), "b");
}

TEST(FaultText, QuotesWhatIsWrong) {
  EXPECT_EQ(error_of_fault("nonsense"),
            "'nonsense' is not a fault; write 'KIND ID: TARGETS (name=value)'");
  EXPECT_EQ(error_of_fault("a b: c (d"), "'c (d' lacks its closing ')'");
  EXPECT_EQ(error_of_fault("a b: c (d)"), "'d' is not 'name=value'");
  EXPECT_EQ(error_of_fault("a b: c (d=1, d=2)"), "'d' is given twice");
}

TEST(Effect, ReadsAsASentence) {
  EXPECT_EQ(to_text(Effect(DropFrom{{NodeName("e2"), NodeName("e3")}})),
            "drop packets from e2, e3");
  EXPECT_EQ(to_text(Effect(Pause{ProcessName("etcd"), PauseMechanism::kFreezer})),
            "pause etcd by freezer");
  EXPECT_EQ(to_text(Effect(Kill{ProcessName("etcd"), 15, true, std::chrono::seconds(2)})),
            "send SIGTERM to etcd, restart after 2s");
}

TEST(Effect, OnlyAKillIsAnEvent) {
  EXPECT_TRUE(is_event(Effect(Kill{})));
  EXPECT_FALSE(is_event(Effect(Pause{})));
  EXPECT_FALSE(is_event(Effect(DropFrom{})));
}

}  // namespace
}  // namespace squall
