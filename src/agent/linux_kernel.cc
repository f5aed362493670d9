// NodeKernel over src/kernel.
#include "agent/linux_kernel.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "base/files.h"
#include "kernel/namespaces.h"

namespace squall {
namespace {

constexpr Duration kFreezeTimeout = std::chrono::seconds(1);
constexpr mode_t kJournalMode = 0600;

Result<> write_all(const Fd& fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("write the journal");
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

// Nobody else's threads count: a pid that was reused is a process that is gone.
Result<> check_still_the_same(const ProcessId& process) {
  if (TRY(identify(process.pid)) == process) return {};
  return Error{Errc::kNotFound, "process " + std::to_string(process.pid) + " is gone"};
}

bool is_at_rest(char state) {
  return state == 'T' || state == 't' || state == 'Z' || state == 'X';
}

}  // namespace

Result<FreezerParent> freezer_parent_at(const std::string& path) {
  if (::access((path + "/cgroup.freeze").c_str(), F_OK) == 0 ||
      ::access((path + "/cgroup.controllers").c_str(), F_OK) == 0) {
    return FreezerParent{CgroupVersion::kV2, path};
  }
  if (::access((path + "/cgroup.procs").c_str(), F_OK) == 0) {
    return FreezerParent{CgroupVersion::kV1, path};
  }
  return Error{Errc::kUnsupported, "'" + path + "' is not a cgroup"};
}

Result<> thaw_and_remove(const std::string& path) {
  const Result<FreezerParent> version = freezer_parent_at(path);
  if (!version.ok()) return {};  // gone
  Result<Freezer> freezer = Freezer::open(path, version->version);
  if (!freezer.ok() && freezer.error().code == Errc::kNotFound) return {};
  return TRY(std::move(freezer)).remove();
}

Result<std::unique_ptr<LinuxKernel>> LinuxKernel::open(const std::string& journal_path,
                                                       const std::string& cgroup_parent,
                                                       DelayChoice delays) {
  std::optional<FreezerParent> freezer;
  if (!cgroup_parent.empty()) freezer = TRY(freezer_parent_at(cgroup_parent));
  Fd for_netem = TRY(current_netns());
  Fd for_line = TRY(current_netns());
  using Owner = std::unique_ptr<LinuxKernel>;
  return Owner(new LinuxKernel(journal_path, std::move(freezer), std::move(for_netem),
                               std::move(for_line), delays));
}

Result<Nft*> LinuxKernel::nft() {
  if (!nft_) nft_ = TRY(Nft::open());
  return &*nft_;
}

Result<> LinuxKernel::run_nft(const std::string& commands) {
  return TRY(nft())->run(commands);
}

// One by one: of several chains asked for at once, libnftables 1.0.6 fetches the last one only.
Result<std::string> LinuxKernel::read_nft(const std::string& commands) {
  Nft* nft = TRY(this->nft());
  std::string answers;
  std::istringstream lines(commands);
  for (std::string command; std::getline(lines, command);) {
    answers += TRY(nft->json(command));
  }
  return answers;
}

// The tables belong to the socket, so closing it is the one undo that cannot fail.
Result<> LinuxKernel::drop_nft() {
  nft_.reset();
  return {};
}

Result<std::vector<ProcessId>> LinuxKernel::tree(const ProcessId& process) {
  TRY(check_still_the_same(process));
  std::vector<ProcessStat> all;
  for (const pid_t pid : TRY(all_processes())) {
    const Result<ProcessStat> stat = process_stat(pid);
    if (stat.ok()) all.push_back(*stat);  // the others have just exited
  }
  std::set<pid_t> members = {process.pid};
  std::vector<ProcessId> result = {process};
  for (bool has_grown = true; has_grown;) {
    has_grown = false;
    for (const ProcessStat& stat : all) {
      if (!members.contains(stat.parent) && stat.session != process.pid) continue;
      if (stat.state == 'Z' || !members.insert(stat.id.pid).second) continue;
      result.push_back(stat.id);
      has_grown = true;
    }
  }
  return result;
}

Result<bool> LinuxKernel::is_stopped(const ProcessId& process) {
  TRY(check_still_the_same(process));
  const std::string folder = "/proc/" + std::to_string(process.pid) + "/task";
  const std::unique_ptr<DIR, int (*)(DIR*)> threads(::opendir(folder.c_str()), ::closedir);
  if (!threads) return Error{Errc::kNotFound, "process " + std::to_string(process.pid)};
  while (const dirent* entry = ::readdir(threads.get())) {
    if (entry->d_name[0] == '.') continue;
    const Result<std::string> text = read_file(folder + "/" + entry->d_name + "/stat");
    if (!text.ok()) continue;  // this thread has just exited
    const ProcessStat stat = TRY(parse_process_stat(*text));
    if (!is_at_rest(stat.state)) return false;
  }
  return true;
}

Result<> LinuxKernel::signal(const ProcessId& process, int signal) {
  const Fd pidfd = TRY(open_pidfd(process));
  return send_signal(pidfd, signal);
}

Result<> LinuxKernel::skew_clock(const ProcessId& process, Duration offset, BootTime until) {
  TRY(check_still_the_same(process));
  return squall::skew_clock(process.pid, offset, until);
}

Result<> LinuxKernel::restore_clock(const ProcessId& process) {
  TRY(check_still_the_same(process));
  return squall::restore_clock(process.pid);
}

Result<ClockReading> LinuxKernel::read_clock(const ProcessId& process) {
  TRY(check_still_the_same(process));
  return squall::read_clock(process.pid);
}

Result<std::string> LinuxKernel::freezer_path(const std::string& name) {
  if (freezer_) return freezer_->path + "/squall-" + name;
  return Error{Errc::kUnsupported,
               "no cgroup to freeze in; give the agent a 'cgroup_parent', or pause with "
               "'mechanism: sigstop'"};
}

Result<> LinuxKernel::make_freezer(const std::string& name) {
  const std::string path = TRY(freezer_path(name));
  const Freezer freezer = TRY(Freezer::create(name, *freezer_));
  CHECK(freezer.path() == path);  // the journal has it under this name
  return {};
}

Result<> LinuxKernel::freeze(const std::string& path, const std::vector<ProcessId>& processes) {
  const FreezerParent version = TRY(freezer_parent_at(path));
  Freezer freezer = TRY(Freezer::open(path, version.version));
  for (const ProcessId& process : processes) {
    const Result<> same = check_still_the_same(process);
    const Result<> added = same.ok() ? freezer.add(process.pid) : Result<>();
    if (!added.ok() && added.error().code != Errc::kNotFound) return added.error();
  }
  return freezer.freeze(kFreezeTimeout);
}

Result<bool> LinuxKernel::is_frozen(const std::string& path) {
  const FreezerParent version = TRY(freezer_parent_at(path));
  return TRY(Freezer::open(path, version.version)).is_frozen();
}

Result<> LinuxKernel::remove_freezer(const std::string& path) {
  return thaw_and_remove(path);
}

Result<> LinuxKernel::append_journal(const std::string& line) {
  if (!journal_.is_open()) {
    const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    journal_ = Fd(::open(journal_path_.c_str(), flags, kJournalMode));
    if (!journal_.is_open()) return errno_error("open " + journal_path_);
  }
  // The newline comes first: after a torn write (a full disk) the next record starts afresh.
  TRY(write_all(journal_, "\n" + line));
  if (::fdatasync(journal_.get()) != 0) return errno_error("sync " + journal_path_);
  return {};
}

Result<> LinuxKernel::replace_journal(const std::string& content) {
  journal_.reset();
  return write_file_durably(journal_path_, content);
}

}  // namespace squall
