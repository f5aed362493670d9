// The cgroup freezer, v2 and v1.
#include "kernel/freezer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

#include "base/fd.h"
#include "kernel/pseudo_file.h"
#include "kernel/wait.h"

namespace squall {
namespace {

// Where the two versions differ.
struct Dialect {
  const char* switch_file;
  const char* freeze;
  const char* thaw;
  const char* state_file;
  const char* frozen;  // what the state file holds when all members are frozen
  Duration poll_step;  // v2 announces changes of its state file; v1 must be asked again
};
constexpr Dialect kV2{"cgroup.freeze", "1",        "0",
                      "cgroup.events", "frozen 1", std::chrono::seconds(1)};
constexpr Dialect kV1{"freezer.state", "FROZEN", "THAWED",
                      "freezer.state", "FROZEN", std::chrono::milliseconds(1)};

// A member that forks or exits while we move it out keeps the cgroup busy for a moment.
constexpr Duration kRemovePatience = std::chrono::seconds(2);
constexpr Duration kRemoveStep = std::chrono::milliseconds(1);

const Dialect& dialect_of(CgroupVersion version) {
  return version == CgroupVersion::kV2 ? kV2 : kV1;
}

Result<std::string> read_from_start(const Fd& fd, const std::string& path) {
  std::array<char, 512> buffer{};  // a state file holds a few words
  const ssize_t count = ::pread(fd.get(), buffer.data(), buffer.size(), 0);
  if (count < 0) return kernel_error("read " + path);
  return std::string(buffer.data(), static_cast<std::size_t>(count));
}

std::string parent_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

// Moves every member up by one; those that have exited meanwhile are content.
Result<> move_members_out(const std::string& path) {
  std::istringstream members(TRY(read_pseudo_file(path + "/cgroup.procs")));
  for (std::string pid; members >> pid;) {
    Result<> moved = write_pseudo_file(parent_of(path) + "/cgroup.procs", pid);
    if (!moved.ok() && moved.error().code != Errc::kNotFound) return moved;
  }
  return {};
}

}  // namespace

Result<Freezer> Freezer::create(const std::string& name, const FreezerParent& parent) {
  if (name.empty() || name.find('/') != std::string::npos) {
    return Error{Errc::kInvalid, "'" + name + "' cannot name a cgroup"};
  }
  std::string path = parent.path + "/squall-" + name;
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) {
    return kernel_error("make cgroup " + path);
  }
  return open(path, parent.version);
}

Result<Freezer> Freezer::create(const std::string& name) {
  const FreezerParent parent = TRY(find_freezer_parent());
  return create(name, parent);
}

Result<Freezer> Freezer::open(const std::string& path, CgroupVersion version) {
  const std::string file = path + "/" + dialect_of(version).switch_file;
  if (::access(file.c_str(), F_OK) != 0) return kernel_error("open " + file);
  return Freezer(path, version);
}

Result<> Freezer::add(pid_t pid) {
  return write_pseudo_file(path_ + "/cgroup.procs", std::to_string(pid));
}

Result<> Freezer::freeze(Duration timeout) {
  const Dialect& dialect = dialect_of(version_);
  const std::string state_path = path_ + "/" + dialect.state_file;
  const Fd state(::open(state_path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!state.is_open()) return kernel_error("open " + state_path);
  TRY(write_pseudo_file(path_ + "/" + dialect.switch_file, dialect.freeze));
  const MonoTime until = system_clock().mono() + timeout;
  for (;;) {
    const std::string text = TRY(read_from_start(state, state_path));
    if (text.find(dialect.frozen) != std::string::npos) return {};
    const Duration left = until - system_clock().mono();
    if (left <= Duration(0)) break;
    TRY(wait_changed(state, std::min(left, dialect.poll_step)));
  }
  return Error{Errc::kTimeout, "freeze " + path_ + ": not frozen within " + to_text(timeout)};
}

Result<> Freezer::thaw() {
  const Dialect& dialect = dialect_of(version_);
  Result<> thawed = write_pseudo_file(path_ + "/" + dialect.switch_file, dialect.thaw);
  if (!thawed.ok() && thawed.error().code == Errc::kNotFound) return {};
  return thawed;
}

Result<bool> Freezer::is_frozen() const {
  const Dialect& dialect = dialect_of(version_);
  const std::string text = TRY(read_pseudo_file(path_ + "/" + dialect.state_file));
  return text.find(dialect.frozen) != std::string::npos;
}

Result<bool> Freezer::has_members() const {
  const std::string text = TRY(read_pseudo_file(path_ + "/cgroup.procs"));
  return !text.empty();
}

Result<> Freezer::remove() {
  TRY(thaw());
  const std::string events_path = path_ + "/" + dialect_of(version_).state_file;
  const Fd events(::open(events_path.c_str(), O_RDONLY | O_CLOEXEC));
  const MonoTime until = system_clock().mono() + kRemovePatience;
  do {
    const Result<> moved = move_members_out(path_);
    if (!moved.ok() && moved.error().code == Errc::kNotFound) return {};
    if (!moved.ok()) return moved.error().in("empty " + path_);
    if (::rmdir(path_.c_str()) == 0 || errno == ENOENT) return {};
    if (errno != EBUSY) return kernel_error("remove " + path_);
    (void)read_from_start(events, events_path);  // re-arms the notification
    TRY(wait_changed(events, kRemoveStep));
  } while (system_clock().mono() < until);
  return Error{Errc::kDirty, "remove " + path_ + ": it still has members"};
}

}  // namespace squall
