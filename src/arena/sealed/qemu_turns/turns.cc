// Loaded into QEMU (LD_PRELOAD): its main thread and its processor thread take turns, so that no
// machine can feel which of them the host runs first.
//
// Why: with `-icount sleep=off` the main thread moves the virtual clock to the next timer when the
// processor is idle (icount_start_warp_timer in softmmu/icount.c).  The processor thread marks
// itself halted before it has accounted the instructions of its last slice, and it does so without
// the big lock.  A main thread that looks in between computes the distance from a clock that is
// behind, and the machine oversleeps by those instructions.
//
//   processor thread   runs … cond_wait(big lock) ─────────── runs …
//   main thread        must wait ▲ has the big lock, may act ▲ must wait
//
// The rule: the main thread holds the big lock only while the processor thread stands in
// pthread_cond_wait on it.  That changes no order that QEMU promises, only when the main thread
// gets a lock that it has asked for.
//
// For the processor thread the host's clock stands still.  It looks at it for one thing: a timer
// in host time that is due makes it stop executing until the main thread has run that timer
// (icount_get_limit), which would wait for each other for ever; and host time is none of a
// machine's business.
#include <dlfcn.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <ctime>
#include <string_view>

namespace {

using Lock = int (*)(pthread_mutex_t*);
using Wait = int (*)(pthread_cond_t*, pthread_mutex_t*);
using Clock = int (*)(clockid_t, timespec*);

// Resolved at first use: QEMU's libraries lock before our constructors would run.
template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

std::atomic<pthread_mutex_t*> big_lock{nullptr};
std::atomic<int> is_waiting{0};  // the processor thread stands in cond_wait; a futex

bool is_main_thread() {
  static thread_local const bool kIs = ::syscall(SYS_gettid) == ::getpid();
  return kIs;
}

// QEMU names it "ALL CPUs/TCG" (`-name debug-threads=on`); names are given before the first wait.
bool is_processor_thread() {
  static thread_local int known = 0;  // 0: not asked yet
  if (known == 0) {
    std::array<char, 17> name{};
    (void)::prctl(PR_GET_NAME, name.data());
    known = std::string_view(name.data()).ends_with("/TCG") ? 1 : 2;
  }
  return known == 1;
}

void let_processor_reach_its_wait() {
  while (is_waiting.load() == 0) {
    (void)::syscall(SYS_futex, &is_waiting, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
  }
}

}  // namespace

extern "C" {

int pthread_mutex_lock(pthread_mutex_t* mutex) {
  static const Lock kLock = next<Lock>("pthread_mutex_lock");
  static const Lock kUnlock = next<Lock>("pthread_mutex_unlock");
  int error = kLock(mutex);
  if (mutex != big_lock.load() || !is_main_thread()) return error;
  while (error == 0 && is_waiting.load() == 0) {
    (void)kUnlock(mutex);
    let_processor_reach_its_wait();
    error = kLock(mutex);
  }
  return error;
}

// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the header has reserved ones
int clock_gettime(clockid_t clock, timespec* now) {
  static const Clock kClock = next<Clock>("clock_gettime");
  if (!is_processor_thread()) return kClock(clock, now);
  *now = {};
  return 0;
}

// `is_waiting` changes only with the big lock held, so whoever holds it sees the truth.
// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name)
int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  static const Wait kWait = next<Wait>("pthread_cond_wait");
  if (!is_processor_thread()) return kWait(condition, mutex);
  big_lock = mutex;
  is_waiting = 1;
  (void)::syscall(SYS_futex, &is_waiting, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
  const int error = kWait(condition, mutex);
  is_waiting = 0;
  return error;
}
}
