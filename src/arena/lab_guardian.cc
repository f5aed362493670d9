// Watches a pipe, then thaws and removes.
#include "arena/lab_guardian.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <vector>

#include "arena/lab_channel.h"
#include "base/time.h"
#include "kernel/child.h"
#include "kernel/pipe.h"
#include "kernel/wait.h"

namespace squall {
namespace {

// A killed process tree is reaped within milliseconds; a process in a stuck disk call is not.
constexpr Duration kPatience = std::chrono::seconds(10);
constexpr Duration kRetry = std::chrono::milliseconds(2);

struct CloseDir {
  void operator()(DIR* directory) const { (void)::closedir(directory); }
};

std::vector<std::string> child_cgroups(const std::string& path) {
  std::vector<std::string> children;
  const std::unique_ptr<DIR, CloseDir> entries(::opendir(path.c_str()));
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else reads this stream.
  while (const dirent* entry = entries ? ::readdir(entries.get()) : nullptr) {
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
      children.push_back(path + "/" + entry->d_name);
    }
  }
  return children;
}

// Members die by the lab's end, so we only thaw them: moving them elsewhere would hide them.
Result<bool> try_remove(const std::string& path, CgroupVersion version) {
  bool is_gone = true;
  for (const std::string& child : child_cgroups(path)) {
    is_gone = TRY(try_remove(child, version)) && is_gone;
  }
  const Result<Freezer> freezer = Freezer::open(path, version);
  if (freezer.ok()) {
    Freezer thawed = *freezer;
    TRY(thawed.thaw());
  }
  if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return is_gone;
  if (errno == EBUSY || errno == ENOTEMPTY) return false;
  return errno_error("remove cgroup " + path);
}

[[noreturn]] void guard(const Fd& lifeline, const FreezerParent& cgroup) {
  // A Ctrl-C in the caller's terminal, or a kill of its process group, is not for us.
  (void)::setsid();
  close_all_except({lifeline.get()});
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (int fd = 0; fd <= STDERR_FILENO && null.is_open(); ++fd) (void)::dup2(null.get(), fd);
  sigset_t all;
  (void)::sigfillset(&all);
  (void)::pthread_sigmask(SIG_SETMASK, &all, nullptr);
  char byte = 0;
  while (::read(lifeline.get(), &byte, 1) < 0 && errno == EINTR) continue;
  ::_exit(remove_cgroup_tree(cgroup, kPatience).ok() ? 0 : 1);
}

}  // namespace

Result<> remove_cgroup_tree(const FreezerParent& cgroup, Duration patience) {
  const MonoTime until = system_clock().mono() + patience;
  while (!TRY(try_remove(cgroup.path, cgroup.version))) {
    if (system_clock().mono() > until) {
      return Error{Errc::kDirty, "remove cgroup " + cgroup.path + ": it still has members"};
    }
    const timespec pause{.tv_sec = 0, .tv_nsec = kRetry.count()};
    (void)::ppoll(nullptr, 0, &pause, nullptr);
  }
  return {};
}

Result<Guardian> start_guardian() {
  const FreezerParent parent = TRY(find_freezer_parent());
  const Freezer run = TRY(Freezer::create("lab-" + std::to_string(::getpid()), parent));
  const FreezerParent cgroup{.version = run.version(), .path = run.path()};
  Pipe lifeline = TRY(make_pipe());
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork the lab's guardian");
  if (pid == 0) guard(lifeline.reading, cgroup);
  return Guardian{.cgroup = cgroup, .lifeline = std::move(lifeline.writing), .pid = pid};
}

void end_guardian(Guardian guardian) {
  guardian.lifeline.reset();
  while (::waitpid(guardian.pid, nullptr, 0) < 0 && errno == EINTR) continue;
}

}  // namespace squall
