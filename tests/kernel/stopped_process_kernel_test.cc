// Stopping every thread of running processes, of those too that make and lose threads meanwhile.
#include "kernel/stopped_process.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <thread>

#include "kernel/process.h"
#include "tests/support/clock_child.h"
#include "tests/support/own_namespaces.h"

namespace squall {
namespace {

constexpr Duration kPatience = std::chrono::seconds(10);

// The states of its threads, each once: "t" when all are stopped by a tracer.
std::string states_of(pid_t process) {
  std::string states;
  for (const pid_t thread : must(threads_of(process))) {
    const Result<char> state = process_state(thread);
    if (state.ok() && states.find(*state) == std::string::npos) states += *state;
  }
  return states;
}

// A child that tells when it has begun, and dies with the test.
class Child {
 public:
  explicit Child(const std::function<void(const std::function<void()>&)>& run) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
      run([&] { (void)!::write(ends[1], "", 1); });
      for (;;) (void)::pause();
    }
    char byte = 0;
    EXPECT_EQ(::read(ends[0], &byte, 1), 1);
    (void)::close(ends[0]);
    (void)::close(ends[1]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    (void)::kill(pid_, SIGKILL);
    (void)::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

using StoppedProcessTest = KernelTest;

TEST_F(StoppedProcessTest, NobodyRunsMeanwhileAndEverybodyAfterwards) {
  const ClockChild child = must(ClockChild::start(3, 20));
  std::string states;
  must(while_stopped(child.pid(), kPatience, [&]() -> Result<> {
    states = states_of(child.pid());
    return {};
  }));
  EXPECT_EQ(states, "t");
  EXPECT_TRUE(child.read_on());
}

TEST_F(StoppedProcessTest, ThreadsThatComeAndGoAreStoppedToo) {
  constexpr int kStops = 50;
  const Child child([](const auto& begun) {
    const auto make_threads = [] {
      for (;;) std::thread([] {}).join();
    };
    std::thread(make_threads).detach();
    std::thread(make_threads).detach();
    begun();
  });
  for (int i = 0; i < kStops; ++i) {
    std::string states;
    must(while_stopped(child.pid(), kPatience, [&]() -> Result<> {
      states = states_of(child.pid());
      return {};
    }));
    // One that we traced and that has ended stays listed until we let go.
    EXPECT_TRUE(states == "t" || states == "tZ" || states == "Zt") << states;
  }
}

TEST_F(StoppedProcessTest, AMainThreadThatHasEndedIsNoHindrance) {
  const Child child([](const auto& begun) {
    std::thread([] {
      for (;;) (void)::pause();
    }).detach();
    begun();
    (void)::syscall(SYS_exit, 0);  // of this thread
  });
  while (states_of(child.pid()).front() != 'Z') std::this_thread::yield();
  std::string states;
  must(while_stopped(child.pid(), kPatience, [&]() -> Result<> {
    states = states_of(child.pid());
    return {};
  }));
  EXPECT_EQ(states, "Zt");
}

// Its child runs in the same memory.
TEST_F(StoppedProcessTest, WhoeverWaitsForAChildOfVforkIsNotStopped) {
  const Child child([](const auto& begun) {
    if (::vfork() == 0) {
      begun();
      for (;;) (void)::pause();
    }
  });
  bool is_done = false;
  const Result<> done =
      while_stopped(child.pid(), std::chrono::milliseconds(20), [&]() -> Result<> {
        is_done = true;
        return {};
      });
  EXPECT_EQ(error_of(done), "stop all threads of process " + std::to_string(child.pid()) + ": " +
                                std::to_string(child.pid()) + " may still run after 20ms");
  EXPECT_FALSE(is_done);
  for (const pid_t forked : must(children(child.pid()))) (void)::kill(forked, SIGKILL);
}

TEST_F(StoppedProcessTest, AProcessThatIsGoneIsNotFound) {
  pid_t gone = 0;
  {
    const ClockChild child = must(ClockChild::start(1));
    gone = child.pid();
  }
  const Result<> done = while_stopped(gone, kPatience, [] { return Result<>(); });
  EXPECT_EQ(done.error().code, Errc::kNotFound);
}

}  // namespace
}  // namespace squall
