// The supervisor's public side; ends and restarts are in supervisor_tick.cc.
#include "agent/supervisor.h"

#include <sys/stat.h>

#include <csignal>

#include "agent/linux_kernel.h"
#include "base/files.h"

namespace squall {
namespace {

// How long one look at readiness may take, and the pause between two.
constexpr Duration kLook = std::chrono::milliseconds(500);
constexpr Duration kBetweenLooks = std::chrono::milliseconds(20);
// After SIGKILL the kernel needs no longer, unless the process hangs in it.
constexpr Duration kKillTimeout = std::chrono::seconds(5);

std::uint64_t size_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

void kill_tree(const ProcessId& id) {
  // Gone or not, everybody gets it: a failure shows in the wait that follows.
  Result<std::unique_ptr<LinuxKernel>> kernel = LinuxKernel::open("", "");
  if (!kernel.ok()) return;
  const Result<std::vector<ProcessId>> tree = (*kernel)->tree(id);
  for (const ProcessId& member : tree.ok() ? *tree : std::vector<ProcessId>{id}) {
    (void)(*kernel)->signal(member, SIGKILL);
  }
}

}  // namespace

Result<> Supervisor::save() const {
  ProcessTable table{.boot = parts_.boot, .processes = {}};
  for (const auto& [name, managed] : managed_) table.processes[name] = managed.record;
  return write_file_durably(parts_.table_path, to_json(table)).in("save the process table");
}

Result<> Supervisor::adopt() {
  const std::lock_guard lock(mutex_);
  const Result<std::string> text = read_file(parts_.table_path);
  if (!text.ok()) return {};  // the first start
  ProcessTable table = TRY(parse_process_table(*text).in(parts_.table_path));
  if (table.boot != parts_.boot) return {};
  for (auto& [name, record] : table.processes) adopt_one(std::move(record));
  return save();
}

// Called with the mutex held, as all below without a lock of their own.
void Supervisor::adopt_one(ProcessRecord record) {
  if (record.id.pid == 0 && !record.mark.empty()) {
    // We died between its start and the note of its pid.
    record.id = find_marked(record.mark).value_or(ProcessId{});
    if (record.id.pid == 0) record.state = "never started";
  }
  record.mark.clear();
  Managed managed;
  managed.is_child = false;
  managed.started = parts_.clock.mono();
  if (record.id.pid != 0) {
    Result<Fd> pidfd = open_pidfd(record.id);
    if (pidfd.ok()) {
      managed.pidfd = *std::move(pidfd);
    } else {
      record.state = "exited, nobody saw how";
      record.id = {};
    }
  }
  const ProcessName name = record.spec.name;
  managed.record = std::move(record);
  managed_[name] = std::move(managed);
}

Result<ProcessId> Supervisor::start(const StackProcess& process) {
  TRY(check_ready(process.ready));
  const std::lock_guard lock(mutex_);
  const auto found = managed_.find(process.name);
  if (found != managed_.end() && found->second.pidfd.is_open()) {
    return Error{Errc::kInvalid, "process '" + process.name.get() + "' runs already"};
  }
  TRY(prepare_files(process).in("start " + process.name.get()));
  Managed& managed = managed_[process.name];
  managed = Managed{};
  managed.record.spec = process;
  managed.record.spec.files.clear();  // written once, not again at a restart
  const Result<> launched = launch(managed);
  if (!launched.ok()) {
    managed_.erase(process.name);
    (void)save();  // without it an entry stays that is found never to have started
    return launched.error().in("start " + process.name.get());
  }
  return managed.record.id;
}

Result<> Supervisor::launch(Managed& managed) {
  ProcessRecord& record = managed.record;
  record.id = {};
  record.state = "starting";
  record.log_from = size_of(record.spec.log_path);
  record.mark = parts_.node + "/" + record.spec.name.get() + "#" + std::to_string(record.restarts) +
                "@" + std::to_string(parts_.clock.boot().ns());
  TRY(save());  // durable before the start that follows: the mark finds it again
  const std::optional<LaunchSkew> skew =
      parts_.skews == nullptr ? std::nullopt : parts_.skews->find(record.spec.name);
  record.id = TRY(start_process(record.spec, parts_.search_path, record.mark, skew));
  // Nobody else reaps it, so the pid cannot have been reused.
  managed.pidfd = TRY(open_pidfd(record.id.pid));
  managed.is_child = true;
  managed.restart_at.reset();
  managed.planned.reset();
  managed.started = parts_.clock.mono();
  record.state = "running";
  record.mark.clear();
  TRY(save());
  publish(managed);
  parts_.wake_loop();
  return {};
}

Result<MonoTime> Supervisor::wait_ready(const ProcessName& name, Duration within) {
  const MonoTime until = parts_.clock.mono() + within;
  std::string missing = "it was never started";
  for (;;) {
    std::unique_lock lock(mutex_);
    if (is_closed_) return Error{Errc::kAborted, "the agent ends"};
    const auto found = managed_.find(name);
    if (found == managed_.end()) {
      return Error{Errc::kNotFound, "there is no process '" + name.get() + "' here"};
    }
    const Managed& managed = found->second;
    if (!managed.pidfd.is_open() && !managed.restart_at) {
      return Error{Errc::kIo, "process '" + name.get() + "' " + managed.record.state +
                                  " before it was ready; see " + managed.record.spec.log_path};
    }
    const StackProcess spec = managed.record.spec;
    const std::uint64_t log_from = managed.record.log_from;
    const bool is_running = managed.pidfd.is_open();
    lock.unlock();
    if (is_running) {
      missing = TRY(what_is_missing(spec, log_from, kLook));
      if (missing.empty()) return parts_.clock.mono();
    }
    if (parts_.clock.mono() >= until) break;
    lock.lock();
    (void)changed_.wait_for(lock, kBetweenLooks);
  }
  return Error{Errc::kTimeout, "process '" + name.get() + "' is not ready after " +
                                   to_text(within) + ": " + missing};
}

Result<> Supervisor::stop(const ProcessName& name, Duration grace) {
  if (!name.get().empty()) return stop_one(name, grace);
  std::vector<std::string> all = names();
  // Everybody gets the signal before anybody is waited for.
  for (const std::string& one : all) {
    const std::lock_guard lock(mutex_);
    const auto found = managed_.find(ProcessName(one));
    if (found == managed_.end()) continue;
    Managed& managed = found->second;
    managed.is_stopping = true;
    managed.restart_at.reset();
    if (managed.pidfd.is_open()) (void)send_signal(managed.pidfd, SIGTERM);
  }
  for (const std::string& one : all) TRY(stop_one(ProcessName(one), grace));
  return {};
}

Result<> Supervisor::stop_one(const ProcessName& name, Duration grace) {
  std::unique_lock lock(mutex_);
  const auto found = managed_.find(name);
  if (found == managed_.end()) return {};
  Managed& managed = found->second;
  managed.is_stopping = true;
  managed.restart_at.reset();
  const ProcessId id = managed.record.id;
  if (managed.pidfd.is_open()) {
    (void)send_signal(managed.pidfd, SIGTERM);
    if (grace == Duration{0} || !wait_until_gone(lock, name, grace)) {
      kill_tree(id);
      if (!wait_until_gone(lock, name, kKillTimeout)) {
        return Error{Errc::kDirty, "process '" + name.get() + "' does not end after SIGKILL"};
      }
    }
  }
  managed_.erase(name);
  return save();
}

bool Supervisor::wait_until_gone(std::unique_lock<std::mutex>& lock, const ProcessName& name,
                                 Duration within) {
  return changed_.wait_for(lock, within, [this, &name] {
    const auto found = managed_.find(name);
    return found == managed_.end() || !found->second.pidfd.is_open();
  });
}

void Supervisor::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  changed_.notify_all();
}

std::vector<StackProcessStatus> Supervisor::status() const {
  const std::lock_guard lock(mutex_);
  std::vector<StackProcessStatus> all;
  for (const auto& [name, managed] : managed_) {
    const ProcessRecord& record = managed.record;
    all.push_back({name.get(), record.id.pid, record.state, record.restarts});
  }
  return all;
}

std::vector<std::string> Supervisor::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> all;
  for (const auto& [name, managed] : managed_) all.push_back(name.get());
  return all;
}

std::optional<ProcessId> Supervisor::find(const ProcessName& process) const {
  const std::lock_guard lock(mutex_);
  const auto found = managed_.find(process);
  if (found == managed_.end() || !found->second.pidfd.is_open()) return std::nullopt;
  return found->second.record.id;
}

void Supervisor::plan_restart(const ProcessName& process, Duration after) {
  const std::lock_guard lock(mutex_);
  const auto found = managed_.find(process);
  if (found != managed_.end()) found->second.planned = after;
}

}  // namespace squall
