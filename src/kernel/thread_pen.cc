// The controller `cpu` of cgroup v1: only there a group takes threads of any process.
#include "kernel/thread_pen.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

#include "kernel/child.h"
#include "kernel/mounts.h"
#include "kernel/pseudo_file.h"

namespace squall {
namespace {

// The smallest quota in the longest period that the kernel takes (kernel/sched/core.c,
// min_cfs_quota_period and max_cfs_quota_period).
constexpr const char* kPeriodUs = "1000000";
constexpr const char* kQuotaUs = "1000";
constexpr int kHighestNiceness = -20;

std::string pen_of(const std::string& directory) {
  return directory + "/squall-pen";
}

Result<> mount_controller(const std::string& directory) {
  // favordynmods: without it each move waits for an RCU grace period, some 10 ms, in which the
  // thread runs on.
  if (::mount("squall", directory.c_str(), "cgroup", 0, "cpu,favordynmods") == 0) return {};
  return kernel_error("mount the controller 'cpu' of cgroup v1 (is it in use in cgroup v2?)");
}

// Uses up the quota before a held thread does: of two in one group, the one with the higher weight
// gets nearly all.
pid_t start_burner() {
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);
  (void)::prctl(PR_SET_NAME, "squall-pen");
  close_all_except({});
  (void)::setpriority(PRIO_PROCESS, 0, kHighestNiceness);
  std::atomic<unsigned> turns = 0;
  for (;;) ++turns;
}

Result<> write_thread(const Fd& list, pid_t thread, const char* attempt) {
  const std::string text = std::to_string(thread);
  if (::write(list.get(), text.data(), text.size()) >= 0) return {};
  const bool is_unfit = errno == EINVAL;
  Error error = kernel_error(attempt);
  // A thread that the kernel is still making or has lent to itself is none that could be moved
  // (cpu_cgroup_can_attach, cgroup_procs_write_start): as good as one that has gone.
  if (is_unfit) error.code = Errc::kNotFound;
  return error;
}

}  // namespace

Result<ThreadPen> ThreadPen::create(const std::string& directory) {
  (void)TRY(mount_controller(directory));
  const std::string pen = pen_of(directory);
  if (::mkdir(pen.c_str(), 0755) != 0 && errno != EEXIST) return errno_error("make " + pen);
  (void)TRY(write_pseudo_file(pen + "/cpu.cfs_period_us", kPeriodUs));
  (void)TRY(write_pseudo_file(pen + "/cpu.cfs_quota_us", kQuotaUs));
  Fd inside(::open((pen + "/tasks").c_str(), O_WRONLY | O_CLOEXEC));
  Fd outside(::open((directory + "/tasks").c_str(), O_WRONLY | O_CLOEXEC));
  if (!inside.is_open() || !outside.is_open()) return errno_error("open the tasks of " + pen);
  const pid_t burner = start_burner();
  if (burner < 0) return errno_error("start what uses up the quota of " + pen);
  ThreadPen made(directory, std::move(inside), std::move(outside), burner);
  (void)TRY(made.hold(burner));
  return made;
}

Result<> ThreadPen::hold(pid_t thread) {
  return write_thread(inside_, thread, "hold a thread");
}

Result<> ThreadPen::release(pid_t thread) {
  const Result<> moved = write_thread(outside_, thread, "release a thread");
  if (!moved.ok() && moved.error().code != Errc::kNotFound) return moved;
  return {};
}

Result<> ThreadPen::remove() {
  // A killed burner would wait for its quota; moved out, it goes at once.
  (void)TRY(release(burner_));
  (void)::kill(burner_, SIGKILL);  // our own child, not yet reaped: the pid is its own
  (void)::waitpid(burner_, nullptr, 0);
  if (::rmdir(pen_of(directory_).c_str()) != 0) return errno_error("remove the pen");
  return unmount(directory_);
}

}  // namespace squall
