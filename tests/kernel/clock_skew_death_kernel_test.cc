// Whoever skews a clock may be killed at every one of its system calls; the program that it was
// about to change goes on, and can be changed and put right by the next.
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>

#include "kernel/clock_skew.h"
#include "tests/support/clock_child.h"
#include "tests/support/own_namespaces.h"

namespace squall {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr int kSyscallStop = SIGTRAP | 0x80;
constexpr int kMaxCalls = 2000;

// Runs `work` in a child with threads of its own, and kills it at its n-th stop for a system call,
// before or behind it.  Whether it lived to the end.
bool survives(int n, const std::function<void()>& work) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    (void)::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    (void)::raise(SIGSTOP);
    work();
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  const std::int64_t options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
  EXPECT_EQ(::ptrace(PTRACE_SETOPTIONS, pid, nullptr, options), 0);
  EXPECT_EQ(::ptrace(PTRACE_SYSCALL, pid, nullptr, nullptr), 0);
  int stops = 0;
  for (;;) {
    const pid_t thread = ::waitpid(-1, &status, __WALL);
    if (thread < 0) return false;
    if (thread == pid && WIFEXITED(status)) return true;
    if (thread == pid && WIFSIGNALED(status)) return false;
    if (!WIFSTOPPED(status)) continue;
    if (WSTOPSIG(status) == kSyscallStop && ++stops == n) (void)::kill(pid, SIGKILL);
    (void)::ptrace(PTRACE_SYSCALL, thread, nullptr, nullptr);  // fails when it has been killed
  }
}

class ClockSkewDeathTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped()) return;
    const Result<> possible = check_clock_skew();
    if (!possible.ok()) GTEST_SKIP() << possible.error().what;
  }
  // One program per death; it reads its clocks all the time.
  static void die_everywhere(int threads, int sleepers) {
    // The guest's processor is an emulated one.
    const char* guest =
        std::getenv("SQUALL_GUEST");  // NOLINT(concurrency-mt-unsafe): nobody sets it
    const int step = guest != nullptr ? 3 : 1;
    for (int n = 1; n < kMaxCalls; n += step) {
      const ClockChild child = must(ClockChild::start(threads, sleepers));
      child.report().allowed[1] = Duration(seconds(5)).count();
      const BootTime until = system_clock().boot() + hours(1);
      const bool has_lived = survives(n, [&] {
        (void)skew_clock(child.pid(), seconds(5), until);
        (void)restore_clock(child.pid());
      });
      ASSERT_TRUE(threads == 0 || child.read_on()) << "killed at " << n;
      must(skew_clock(child.pid(), seconds(5), until));
      ASSERT_TRUE(threads == 0 || child.is_off_by(seconds(5))) << "killed at " << n;
      must(restore_clock(child.pid()));
      ASSERT_TRUE(threads == 0 || child.is_off_by(Duration{0})) << "killed at " << n;
      EXPECT_EQ(child.report().strange, 0U) << "killed at " << n;
      if (has_lived) return;
    }
    FAIL() << "it never ended";
  }
};

TEST_F(ClockSkewDeathTest, ARunningProgramGoesOn) {
  die_everywhere(1, 0);
}

TEST_F(ClockSkewDeathTest, AProgramThatWaitsInASystemCallGoesOn) {
  die_everywhere(1, 2);
}

}  // namespace
}  // namespace squall
