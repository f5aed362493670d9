// Forks the reader.
#include "tests/support/clock_child.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <new>
#include <thread>
#include <vector>

#include "kernel/process.h"

namespace squall {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr Duration kPatience = std::chrono::seconds(20);
// The coarse clock is as old as the last tick, which a busy virtual machine gets late (23 ms seen).
constexpr std::int64_t kTick = kSecond / 5;

// The subjects of the tests, not ways to tell the time.
constexpr auto kReadClock = ::clock_gettime;
constexpr auto kReadDay = ::gettimeofday;
using ChronoClock = std::chrono::system_clock;

std::int64_t ns_of(const timespec& time) {
  return time.tv_sec * kSecond + time.tv_nsec;
}

std::int64_t true_time(clockid_t clock) {
  timespec now{};
  (void)::syscall(SYS_clock_gettime, clock, &now);
  return ns_of(now);
}

struct Reading {
  std::int64_t grain = 0;  // the reading may lag behind by so much
  std::int64_t ns = 0;
};

Reading read_clock_by(ClockCall call) {
  timespec now{};
  timeval day{};
  switch (call) {
    case ClockCall::kRealtime:
      (void)kReadClock(CLOCK_REALTIME, &now);
      return {0, ns_of(now)};
    case ClockCall::kCoarse:
      (void)kReadClock(CLOCK_REALTIME_COARSE, &now);
      return {kTick, ns_of(now)};
    case ClockCall::kDay:
      (void)kReadDay(&day, nullptr);
      return {1000, day.tv_sec * kSecond + day.tv_usec * 1000};
    case ClockCall::kTime:
      return {kSecond + kTick, ::time(nullptr) * kSecond};
    case ClockCall::kChrono:
      return {0, ChronoClock::now().time_since_epoch().count()};
    case ClockCall::kMonotonic:
      (void)kReadClock(CLOCK_MONOTONIC, &now);
      return {0, ns_of(now)};
    case ClockCall::kBoottime:
      (void)kReadClock(CLOCK_BOOTTIME, &now);
      return {0, ns_of(now)};
  }
  return {};
}

void read_one(ClockReport& report, ClockCall call) {
  const bool is_wall = call != ClockCall::kMonotonic && call != ClockCall::kBoottime;
  const clockid_t clock = is_wall                         ? CLOCK_REALTIME
                          : call == ClockCall::kMonotonic ? CLOCK_MONOTONIC
                                                          : CLOCK_BOOTTIME;
  const std::int64_t before = true_time(clock);
  const Reading reading = read_clock_by(call);
  const std::int64_t after = true_time(clock);
  const std::int64_t low = reading.ns - after;
  const std::int64_t high = reading.ns + reading.grain - before;
  ClockReport::Bounds& bounds = report.calls.at(static_cast<std::size_t>(call));
  bounds.low = low;
  bounds.high = high;
  ++bounds.readings;
  bool is_allowed = !is_wall && low <= 0 && high >= 0;
  for (const auto& allowed : report.allowed) {
    is_allowed = is_allowed || (is_wall && low <= allowed && allowed <= high);
  }
  if (!is_allowed) ++report.strange;
}

void start_sleepers(ClockReport& report, int count, std::vector<std::thread>& all) {
  for (int i = 0; i < count; ++i) {
    all.emplace_back([&report] {
      ++report.threads;
      for (;;) (void)::pause();
    });
  }
}

// One round of all calls after the other.  A child that is forked on order does it instead.
void read_for_ever(ClockReport& report, std::size_t reader) {
  ++report.threads;
  for (;;) {
    for (std::size_t call = 0; call < kClockCalls; ++call) {
      read_one(report, static_cast<ClockCall>(call));
    }
    ++report.rounds.at(reader);
    if (int expected = 1; !report.order.compare_exchange_strong(expected, 2)) continue;
    if (::fork() == 0) {
      (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
      continue;  // it goes on reading
    }
    for (;;) (void)::pause();
  }
}

[[noreturn]] void run_child(ClockReport& report, int threads, int sleepers) {
  std::vector<std::thread> all;
  start_sleepers(report, sleepers, all);
  const auto readers = static_cast<std::size_t>(threads);
  for (std::size_t i = 1; i < readers; ++i) {
    all.emplace_back([&report, i] { read_for_ever(report, i); });
  }
  if (readers > 0) read_for_ever(report, 0);
  for (;;) (void)::pause();
}

bool eventually_true(const std::function<bool()>& is_true) {
  const MonoTime until = system_clock().mono() + kPatience;
  while (system_clock().mono() < until) {
    if (is_true()) return true;
    std::this_thread::yield();
  }
  return false;
}

}  // namespace

Result<ClockChild> ClockChild::start(int threads, int sleepers) {
  void* memory = ::mmap(nullptr, sizeof(ClockReport), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return errno_error("map the report");
  auto* report = new (memory) ClockReport();
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork");
  if (pid == 0) {
    (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)::setpgid(0, 0);  // with its own children, it is one group
    run_child(*report, threads, sleepers);
  }
  (void)::setpgid(pid, pid);
  ClockChild child(pid, TRY(open_pidfd(pid)), report, threads);
  if (eventually_true([&] { return report->threads == threads + sleepers; })) return child;
  return Error{Errc::kTimeout, "the child's threads do not start"};
}

ClockChild::~ClockChild() {
  if (!pidfd_.is_open()) return;
  (void)::kill(-pid_, SIGKILL);  // not reaped yet, so the group is ours
  (void)wait_for_exit(pidfd_, kPatience);
  (void)reap(pidfd_);
}

bool ClockChild::reads(ClockCall call, Duration offset) const {
  const ClockReport::Bounds& bounds = report_->calls.at(static_cast<std::size_t>(call));
  return bounds.low <= offset.count() && offset.count() <= bounds.high;
}

bool ClockChild::read_on() const {
  for (std::size_t i = 0; i < static_cast<std::size_t>(readers_); ++i) {
    const std::atomic<std::uint64_t>& rounds = report_->rounds.at(i);
    // The first may have been on its way.
    const std::uint64_t enough = rounds + 2;
    if (!eventually_true([&] { return rounds >= enough; })) return false;
  }
  return true;
}

bool ClockChild::is_off_by(Duration offset) const {
  if (!read_on()) return false;
  return reads(ClockCall::kRealtime, offset) && reads(ClockCall::kCoarse, offset) &&
         reads(ClockCall::kDay, offset) && reads(ClockCall::kTime, offset) &&
         reads(ClockCall::kChrono, offset) && reads(ClockCall::kMonotonic, Duration{0}) &&
         reads(ClockCall::kBoottime, Duration{0});
}

}  // namespace squall
