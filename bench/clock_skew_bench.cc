// What a skewed clock costs: a reading, beside the same reading unpatched; how long a process with
// 500 threads is interrupted; how long all threads stand still for a store of two words; and a
// toggle stress of millions of changes.  All as ratios or bounds, on one core.  Needs no root.
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "kernel/clock_skew.h"
#include "kernel/stopped_process.h"
#include "kernel/target_memory.h"
#include "kernel/vdso.h"

namespace squall {
namespace {

constexpr Duration kLong = std::chrono::hours(1);
constexpr Duration kOffset = std::chrono::seconds(90);
constexpr int kCalls = 500;
constexpr int kRounds = 20'000;

std::int64_t mono_ns() {
  return system_clock().mono().ns();
}

// The fastest of many rounds, in ns for a call: what others take from the machine is not the
// call's.
template <typename Call>
double fastest(Call call) {
  double best = 1e18;
  for (int round = 0; round < kRounds; ++round) {
    const std::int64_t start = mono_ns();
    for (int i = 0; i < kCalls; ++i) call();
    best = std::min(best, static_cast<double>(mono_ns() - start) / kCalls);
  }
  return best;
}

struct Costs {
  std::array<double, 5> ns{};
};

Costs measure_costs() {
  Costs costs;
  timespec now{};
  costs.ns[0] = fastest([&now] { (void)::clock_gettime(CLOCK_REALTIME, &now); });
  costs.ns[1] = fastest([&now] { (void)::clock_gettime(CLOCK_REALTIME_COARSE, &now); });
  timeval day{};
  costs.ns[2] = fastest([&day] { (void)::gettimeofday(&day, nullptr); });
  costs.ns[3] = fastest([] { (void)::time(nullptr); });
  costs.ns[4] = fastest([&now] { (void)::clock_gettime(CLOCK_MONOTONIC, &now); });
  return costs;
}

// A child that measures when it is told to.
struct Board {
  std::atomic<int> asked{0};
  std::atomic<int> answered{0};
  std::array<Costs, 3> costs;
};

Result<> run_costs() {
  void* memory =
      ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return errno_error("map");
  auto* board = new (memory) Board();
  const pid_t pid = ::fork();
  if (pid == 0) {
    for (int i = 0; i < 3; ++i) {
      while (board->asked <= i) std::this_thread::yield();
      board->costs.at(static_cast<std::size_t>(i)) = measure_costs();
      board->answered = i + 1;
    }
    ::_exit(0);
  }
  const auto ask = [board](int i) {
    board->asked = i;
    while (board->answered < i) std::this_thread::yield();
  };
  ask(1);
  TRY(skew_clock(pid, kOffset, system_clock().boot() + kLong));
  ask(2);
  TRY(restore_clock(pid));
  ask(3);
  constexpr std::array kNames = {"clock_gettime(REALTIME)", "clock_gettime(REALTIME_COARSE)",
                                 "gettimeofday", "time", "clock_gettime(MONOTONIC)"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const double native = std::min(board->costs[0].ns[i], board->costs[2].ns[i]);
    std::printf("%-32s native %6.1f ns   skewed %6.1f ns   ratio %.2f\n", kNames.at(i), native,
                board->costs[1].ns[i], board->costs[1].ns[i] / native);
  }
  return {};
}

// A child whose threads read the clock without end, each reading between two true ones.
struct Report {
  std::atomic<std::uint64_t> readings{0};
  std::atomic<std::uint64_t> strange{0};  // off by neither 0 nor ±kOffset
  std::atomic<int> threads{0};
};

std::int64_t true_ns() {
  timespec now{};
  (void)::syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

[[noreturn]] void read_for_ever(Report& report) {
  ++report.threads;
  for (;;) {
    timespec now{};
    const std::int64_t before = true_ns();
    (void)::clock_gettime(CLOCK_REALTIME, &now);
    const std::int64_t after = true_ns();
    const std::int64_t read = now.tv_sec * 1'000'000'000 + now.tv_nsec;
    const auto is_off_by = [&](Duration offset) {
      return before + offset.count() <= read && read <= after + offset.count();
    };
    if (!is_off_by(Duration{0}) && !is_off_by(kOffset) && !is_off_by(-kOffset)) ++report.strange;
    ++report.readings;
  }
}

class Child {
 public:
  static Result<Child> start(int readers, int sleepers) {
    void* memory =
        ::mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return errno_error("map");
    auto* report = new (memory) Report();
    const pid_t pid = ::fork();
    if (pid == 0) run(*report, readers, sleepers);
    while (report->threads < readers + sleepers) std::this_thread::yield();
    return Child(pid, report);
  }
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)), report_(other.report_) {}
  Child& operator=(Child&&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    (void)::kill(pid_, SIGKILL);
    (void)::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] Report& report() const { return *report_; }
  [[nodiscard]] bool is_alive() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }

 private:
  Child(pid_t pid, Report* report) : pid_(pid), report_(report) {}
  [[noreturn]] static void run(Report& report, int readers, int sleepers) {
    (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::vector<std::thread> threads;
    threads.reserve(static_cast<std::size_t>(readers + sleepers));
    for (int i = 0; i < sleepers; ++i) {
      threads.emplace_back([&report] {
        ++report.threads;
        for (;;) (void)::pause();
      });
    }
    for (int i = 1; i < readers; ++i) threads.emplace_back([&report] { read_for_ever(report); });
    read_for_ever(report);
  }
  pid_t pid_;
  Report* report_;
};

// The longest time without a reading, until told to stop.
std::int64_t longest_gap(const Report& report, const std::atomic<bool>& is_done) {
  std::int64_t worst = 0;
  std::uint64_t count = report.readings;
  for (std::int64_t last = mono_ns(); !is_done;) {
    const std::uint64_t now = report.readings;
    if (now == count) continue;
    count = now;
    worst = std::max(worst, mono_ns() - last);
    last = mono_ns();
  }
  return worst;
}

template <typename Work>
Result<std::int64_t> gap_during(const Report& report, Work work) {
  std::atomic<bool> is_done = false;
  std::int64_t gap = 0;
  std::thread watcher([&] { gap = longest_gap(report, is_done); });
  const Result<> done = work();
  is_done = true;
  watcher.join();
  if (!done.ok()) return done.error();
  return gap;
}

// How long a reader among 500 threads stands still while they are patched.
Result<> run_interruption() {
  constexpr int kTries = 20;
  std::vector<double> gaps;
  std::vector<double> without;  // as long, and nobody patches
  std::vector<double> takes;
  for (int i = 0; i < kTries; ++i) {
    const Child child = TRY(Child::start(1, 499));
    std::int64_t took = 0;
    const auto patch = [&]() -> Result<> {
      const std::int64_t start = mono_ns();
      Result<> skewed = skew_clock(child.pid(), kOffset, system_clock().boot() + kLong);
      took = mono_ns() - start;
      return skewed;
    };
    const auto spin = [&]() -> Result<> {
      for (const std::int64_t start = mono_ns(); mono_ns() - start < took;) continue;
      return {};
    };
    gaps.push_back(static_cast<double>(TRY(gap_during(child.report(), patch))));
    without.push_back(static_cast<double>(TRY(gap_during(child.report(), spin))));
    takes.push_back(static_cast<double>(took));
  }
  for (std::vector<double>* all : {&gaps, &without, &takes}) std::sort(all->begin(), all->end());
  std::printf("500 threads: patched in %.0f us (median of %d)\n", takes[kTries / 2] / 1e3, kTries);
  std::printf(
      "  a reader stood still for %.0f us (median), %.0f us (worst); the limit is 1000 us\n",
      gaps[kTries / 2] / 1e3, gaps.back() / 1e3);
  std::printf("  without patching, as long: %.0f us (median), %.0f us (worst)\n",
              without[kTries / 2] / 1e3, without.back() / 1e3);
  return {};
}

// From the first thread that is asked to stop to the last that is let go, whether this kernel's
// vDSO needs a store of two words or not.
Result<> run_stop(int threads) {
  constexpr int kTries = 100;
  constexpr Duration kPatience = std::chrono::seconds(1);
  const Child child = TRY(Child::start(1, threads - 1));
  const std::vector<MemoryMapping> mappings = TRY(mappings_of(child.pid()));
  const std::uint64_t at = TRY(find_vdso(mappings)).start;
  const TargetMemory memory = TRY(TargetMemory::open(child.pid()));
  const auto words = TRY((memory.read<std::array<std::uint64_t, 2>>(at)));
  std::vector<double> takes;
  for (int i = 0; i < kTries; ++i) {
    const std::int64_t start = mono_ns();
    TRY(while_stopped(child.pid(), kPatience,
                      [&] { return memory.write(at, &words, sizeof words); }));
    takes.push_back(static_cast<double>(mono_ns() - start) / 1e3);
  }
  std::sort(takes.begin(), takes.end());
  std::printf(
      "%d threads stood still for a store of two words: at most %.0f us (median), %.0f us "
      "(worst of %d)\n",
      threads, takes[kTries / 2], takes.back(), kTries);
  return {};
}

Result<> run_toggles(std::int64_t changes) {
  const Child child = TRY(Child::start(2, 0));
  const BootTime until = system_clock().boot() + 24 * kLong;
  TRY(skew_clock(child.pid(), kOffset, until));
  const ClockDial clock = TRY(ClockDial::open(child.pid()));
  const std::int64_t start = mono_ns();
  for (std::int64_t i = 0; i < changes; ++i) TRY(clock.set(i % 2 == 0 ? -kOffset : kOffset, until));
  const double seconds = static_cast<double>(mono_ns() - start) / 1e9;
  const std::uint64_t strange = child.report().strange;
  std::printf(
      "%lld changes in %.1f s, %llu readings meanwhile, %llu of them off by neither offset\n",
      static_cast<long long>(changes), seconds,
      static_cast<unsigned long long>(child.report().readings.load()),
      static_cast<unsigned long long>(strange));
  if (!child.is_alive()) return Error{Errc::kIo, "the program has died"};
  if (strange != 0) return Error{Errc::kIo, "a reading was wrong by neither offset"};
  return {};
}

Result<> run(std::int64_t changes) {
  TRY(check_clock_skew());
  TRY(run_costs());
  TRY(run_interruption());
  for (const int threads : {1, 10, 100, 500}) TRY(run_stop(threads));
  return run_toggles(changes);
}

}  // namespace
}  // namespace squall

int main(int argc, char** argv) {
  constexpr std::int64_t kChanges = 2'000'000;
  const squall::Result<> done =
      squall::run(argc > 1 ? std::strtoll(argv[1], nullptr, 10) : kChanges);
  if (done.ok()) return 0;
  std::fprintf(stderr, "%s\n", done.error().what.c_str());
  return 1;
}
