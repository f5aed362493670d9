// The journal: what is written, what is read back, what is undone.
#include "agent/journal.h"

#include <gtest/gtest.h>

#include "tests/agent/fake_kernel.h"

namespace squall {
namespace {

const ProcessId kEtcd{10, 7};

std::string text_of(const FakeKernel& kernel) {
  std::string text;
  for (const std::string& line : kernel.journal) text += "\n" + line;
  return text;
}

TEST(Journal, RemembersWhatIsNotUndone) {
  FakeClock clock;
  FakeKernel kernel(clock);
  Journal journal(kernel, "boot-1");
  ASSERT_TRUE(journal.begin({FaultId("k0")}).ok());
  const auto first = journal.intend(StoppedProcess{kEtcd});
  const auto second = journal.intend(FrozenCgroup{"/cgroup/squall-x"});
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_TRUE(journal.undone(*first).ok());
  ASSERT_TRUE(journal.happened(FaultId("k1")).ok());
  const JournalContent content = parse_journal(text_of(kernel));
  EXPECT_EQ(content.boot, "boot-1");
  ASSERT_EQ(content.changes.size(), 1U);
  EXPECT_EQ(to_text(content.changes.at(*second)), "cgroup /cgroup/squall-x frozen");
  EXPECT_EQ(content.events, (std::set<FaultId>{FaultId("k0"), FaultId("k1")}));
}

TEST(Journal, IgnoresATornLine) {
  const JournalContent content =
      parse_journal("{\"boot\":\"b\"}\n{\"n\":1,\"stop\":10,\"start\":7}\n{\"n\":2,\"sto");
  EXPECT_EQ(content.changes.size(), 1U);
}

TEST(Journal, ReplayIsIdempotentAndContentWithATargetThatIsGone) {
  FakeClock clock;
  FakeKernel kernel(clock);
  kernel.processes[kEtcd].is_stopped = true;
  JournalContent content;
  content.boot = "boot-1";
  content.changes = {{1, StoppedProcess{kEtcd}}, {2, StoppedProcess{{99, 1}}}};
  EXPECT_TRUE(replay(content, "boot-2", kernel)->empty());
  EXPECT_TRUE(kernel.processes[kEtcd].is_stopped);
  for (int time = 0; time < 2; ++time) {
    const auto undone = replay(content, "boot-1", kernel);
    ASSERT_TRUE(undone.ok()) << undone.error().what;
    EXPECT_EQ(*undone, (std::vector<std::string>{"undone: process 99 stopped",
                                                 "undone: process 10 stopped"}));
    EXPECT_FALSE(kernel.processes[kEtcd].is_stopped);
  }
}

TEST(Journal, AFailedUndoIsDirtyAndTheOthersAreTried) {
  FakeClock clock;
  FakeKernel kernel(clock);
  kernel.processes[kEtcd].is_stopped = true;
  kernel.processes[{11, 7}].is_stopped = true;
  JournalContent content;
  content.boot = "boot-1";
  content.changes = {{1, StoppedProcess{kEtcd}}, {2, StoppedProcess{{11, 7}}}};
  kernel.fail_at = 1;
  const auto undone = replay(content, "boot-1", kernel);
  ASSERT_FALSE(undone.ok());
  EXPECT_EQ(undone.error().code, Errc::kDirty);
  EXPECT_EQ(undone.error().what, "could not undo process 11 stopped: the planned failure");
  EXPECT_FALSE(kernel.processes[kEtcd].is_stopped);
}

}  // namespace
}  // namespace squall
