// Chooses the mount point and mounts.
#include "arena/lab_mounts.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "base/files.h"
#include "kernel/mounts.h"

namespace squall {
namespace {

constexpr const char* kSharedMemory = "/dev/shm";
constexpr const char* kCandidates[] = {"/mnt", "/media", "/srv", "/opt"};

bool is_below(const std::string& path, const std::string& folder) {
  return path == folder || path.rfind(folder + "/", 0) == 0;
}

bool hides_any(const std::string& folder, const std::vector<std::string>& needed) {
  for (const std::string& path : needed) {
    if (is_below(path, folder)) return true;
  }
  return false;
}

bool is_empty_folder(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(std::filesystem::symlink_status(path, error))) return false;
  const bool is_empty = std::filesystem::is_empty(path, error);
  return is_empty && !error;
}

bool is_folder(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

// Half of the memory, as tmpfs itself would choose.
std::uint64_t half_of_memory() {
  const auto pages = ::sysconf(_SC_PHYS_PAGES);
  const auto page = ::sysconf(_SC_PAGESIZE);
  constexpr std::uint64_t kFallback = std::uint64_t{1} << 30U;
  if (pages <= 0 || page <= 0) return kFallback;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page) / 2;
}

// A container masks parts of /proc, and the kernel then refuses to show a fresh one.
Result<> mount_own_proc() {
  Result<> mounted = mount_proc();
  if (mounted.ok() || ::access("/.dockerenv", F_OK) != 0) return mounted;
  Error error = std::move(mounted).error();
  error.what +=
      "; we run in a container: docker run --security-opt systempaths=unconfined, or --arena "
      "sealed";
  return error;
}

Result<> make_folder(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0 || errno == EEXIST) return {};
  return errno_error("make " + path);
}

}  // namespace

Result<std::string> choose_mount_point(const std::vector<std::string>& needed,
                                       const std::string& root) {
  for (const char* candidate : kCandidates) {
    if (is_empty_folder(root + candidate) && !hides_any(candidate, needed)) {
      return std::string(candidate);
    }
  }
  if (is_folder(root + kSharedMemory) && !hides_any(kSharedMemory, needed)) {
    return std::string(kSharedMemory);
  }
  return Error{Errc::kUnsupported,
               "find a place for the lab's files: none of /mnt, /media, /srv, /opt is an empty "
               "folder and /dev/shm is missing or in use by this run; make one of them empty"};
}

Result<> mount_lab(const LabPaths& paths, const std::vector<std::string>& needed) {
  TRY(make_mounts_private());
  TRY(mount_own_proc());
  TRY(mount_tmpfs(paths.root, half_of_memory()));
  const bool has_own_shm = paths.root != kSharedMemory && is_folder(kSharedMemory);
  if (!has_own_shm || hides_any(kSharedMemory, needed)) return {};
  TRY(mount_tmpfs(kSharedMemory, half_of_memory()));
  if (::chmod(kSharedMemory, 01777) != 0) return errno_error("open /dev/shm to the stack");
  return {};
}

Result<> make_lab_folders(const LabPaths& paths, const LabPlan& plan) {
  for (const char* folder : {"/agents", "/nodes", "/state", "/run"}) {
    TRY(make_folder(paths.root + folder, 0755));
  }
  for (const LabNode& node : plan.nodes) {
    TRY(make_folder(paths.node_dir(node.name), 0755));
    TRY(make_folder(paths.state_dir(node.name), 0700));
  }
  return write_file(paths.hosts(), hosts_file(plan));
}

}  // namespace squall
