// Processes of our own: identity, signals, ends and families.
#include "kernel/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

#include "kernel/child.h"
#include "tests/support/holder.h"
#include "tests/support/own_namespaces.h"
#include "tests/support/two_nodes.h"

namespace squall {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Result<> nothing() {
  return {};
}

// No process has it: the largest pid is 2^22.
constexpr pid_t kNobody = 1 << 22;

TEST(Process, IsIdentifiedByItsStartTimeAlthoughItsNameLies) {
  const Holder holder = must(Holder::start([]() -> Result<> {
    (void)::prctl(PR_SET_NAME, "x) Z 1 (y");
    return {};
  }));
  const ProcessStat stat = must(process_stat(holder.pid()));
  EXPECT_EQ(stat.name, "x) Z 1 (y");
  EXPECT_EQ(stat.parent, ::getpid());
  EXPECT_EQ(must(identify(holder.pid())), stat.id);
  EXPECT_GE(stat.id.start_time, must(identify(::getpid())).start_time);
  EXPECT_EQ(must(boot_id()).size(), 36U);
}

TEST(Process, AReusedPidIsAnotherProcess) {
  const Holder holder = must(Holder::start(nothing));
  ProcessId id = must(identify(holder.pid()));
  EXPECT_TRUE(open_pidfd(id).ok());
  --id.start_time;
  const Result<Fd> stranger = open_pidfd(id);
  ASSERT_FALSE(stranger.ok());
  EXPECT_EQ(stranger.error().code, Errc::kNotFound);
}

TEST(Process, NobodyIsNotFound) {
  EXPECT_EQ(open_pidfd(kNobody).error().code, Errc::kNotFound);
  EXPECT_EQ(identify(kNobody).error().code, Errc::kNotFound);
  EXPECT_EQ(children(kNobody).error().code, Errc::kNotFound);
  EXPECT_EQ(command_line(kNobody).error().code, Errc::kNotFound);
}

TEST(Process, StopsContinuesAndDiesBySignal) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    for (;;) ::pause();
  }
  const Fd pidfd = must(open_pidfd(pid));
  EXPECT_FALSE(must(wait_for_exit(pidfd, Duration(0))));
  must(send_signal(pidfd, SIGSTOP));
  while (must(process_state(pid)) != 'T') ::sched_yield();
  EXPECT_EQ(must(reap(pidfd)), std::nullopt);
  must(send_signal(pidfd, SIGCONT));
  must(send_signal(pidfd, SIGKILL));
  EXPECT_TRUE(must(wait_for_exit(pidfd, kPatience)));
  EXPECT_EQ(must(process_state(pid)), 'Z');
  const ExitStatus wanted{.is_signalled = true, .code = SIGKILL};
  EXPECT_EQ(must(reap(pidfd)), wanted);
  EXPECT_EQ(send_signal(pidfd, SIGCONT).error().code, Errc::kNotFound);
}

TEST(Process, AnExitCodeIsReaped) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(3);
  const Fd pidfd = must(open_pidfd(pid));
  EXPECT_TRUE(must(wait_for_exit(pidfd, kPatience)));
  const ExitStatus wanted{.is_signalled = false, .code = 3};
  EXPECT_EQ(must(reap(pidfd)), wanted);
}

TEST(Process, DescendantsAreFoundThroughEveryGeneration) {
  const Holder holder = must(Holder::start([]() -> Result<> {
    // Child, grandchild and great-grandchild; each dies with the one above.
    for (int generation = 0; generation < 3; ++generation) {
      const pid_t parent = ::getpid();
      if (::fork() != 0) break;
      if (!set_parent_death_signal(SIGKILL, parent).ok()) ::_exit(1);
    }
    return {};
  }));
  // The holder speaks first; its family follows.
  std::vector<pid_t> family;
  while (family.size() < 3) family = must(descendants(holder.pid()));
  EXPECT_EQ(family.size(), 3U);
  EXPECT_THAT(must(children(holder.pid())), ElementsAre(family[0]));
  EXPECT_THAT(must(children(family[1])), ElementsAre(family[2]));
  EXPECT_THAT(must(children(family[2])), IsEmpty());
}

TEST(Process, AParentDeathSignalTakesTheChildAlong) {
  Holder holder = must(Holder::start([]() -> Result<> {
    const pid_t parent = ::getpid();
    if (::fork() != 0) return {};
    if (!set_parent_death_signal(SIGKILL, parent).ok()) ::_exit(1);
    (void)::prctl(PR_SET_NAME, "tied");
    for (;;) ::pause();
  }));
  const std::vector<pid_t> family = must(children(holder.pid()));
  ASSERT_EQ(family.size(), 1U);
  const Fd child = must(open_pidfd(family[0]));
  while (must(process_stat(family[0])).name != "tied") ::sched_yield();
  EXPECT_FALSE(must(wait_for_exit(child, Duration(0))));
  holder.kill();
  EXPECT_TRUE(must(wait_for_exit(child, kPatience)));
}

TEST(Process, AChildOfAnotherParentIsToldSo) {
  const Result<> told = run_in_child([] { return set_parent_death_signal(SIGKILL, kNobody); });
  ASSERT_FALSE(told.ok());
  EXPECT_EQ(told.error().code, Errc::kAborted);
  EXPECT_EQ(told.error().what, "process 4194304 is not our parent any more");
}

TEST(Process, ItsArgumentsAreReadWhole) {
  const std::vector<std::string> arguments = must(command_line(::getpid()));
  ASSERT_FALSE(arguments.empty());
  EXPECT_THAT(arguments[0], testing::EndsWith("test_kernel_kernel"));
  EXPECT_THAT(must(all_processes()), testing::Contains(::getpid()));
}

TEST(Process, AHelperThatDiesIsReported) {
  const Result<> died = run_in_child([]() -> Result<> { ::_exit(7); });
  EXPECT_EQ(error_of(died), "a helper process died with wait status 1792");
}

}  // namespace
}  // namespace squall
