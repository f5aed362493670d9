// Mounts by mount(2).
#include "kernel/mounts.h"

#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "kernel/pseudo_file.h"

namespace squall {
namespace {

// A mount that came from another user namespace keeps its restrictions: a remount must repeat them.
std::uint64_t locked_flags(const std::string& path) {
  struct statvfs status = {};
  if (::statvfs(path.c_str(), &status) != 0) return 0;
  constexpr std::uint64_t kSame = ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_NOATIME | ST_NODIRATIME;
  const std::uint64_t relatime = (status.f_flag & ST_RELATIME) != 0 ? MS_RELATIME : 0;
  return (status.f_flag & kSame) | relatime;
}

}  // namespace

Result<> make_mounts_private() {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0) return {};
  return kernel_error("make mounts private");
}

Result<> mount_tmpfs(const std::string& directory, std::uint64_t size_limit) {
  const std::string options = "mode=0755,size=" + std::to_string(size_limit);
  if (::mount("squall", directory.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) == 0) {
    return {};
  }
  return kernel_error("mount a tmpfs on " + directory);
}

Result<> bind_mount(const std::string& from, const std::string& to) {
  // Recursive, because a user namespace may not uncover what a locked mount hides.
  if (::mount(from.c_str(), to.c_str(), nullptr, MS_BIND | MS_REC, nullptr) == 0) return {};
  return kernel_error("bind " + from + " to " + to);
}

Result<> bind_mount_read_only(const std::string& from, const std::string& to) {
  TRY(bind_mount(from, to));
  const std::uint64_t flags = MS_REMOUNT | MS_BIND | MS_RDONLY | locked_flags(to);
  if (::mount(nullptr, to.c_str(), nullptr, flags, nullptr) == 0) return {};
  Error error = kernel_error("make " + to + " read-only");
  (void)unmount(to);  // the first error is the one to report
  return error;
}

Result<> mount_proc(const std::string& directory) {
  constexpr std::uint64_t kFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  if (::mount("proc", directory.c_str(), "proc", kFlags, nullptr) == 0) return {};
  return kernel_error("mount proc on " + directory);
}

Result<> unmount(const std::string& path) {
  if (::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) return {};
  if (errno == EINVAL || errno == ENOENT) return {};  // nothing is mounted there
  return kernel_error("unmount " + path);
}

Result<> set_hostname(const std::string& name) {
  if (::sethostname(name.c_str(), name.size()) == 0) return {};
  return kernel_error("set the host name to '" + name + "'");
}

}  // namespace squall
