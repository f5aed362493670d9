// Finds the cgroup below which we may make one of our own.
#include <fcntl.h>
#include <unistd.h>

#include <optional>
#include <sstream>
#include <vector>

#include "kernel/freezer.h"
#include "kernel/pseudo_file.h"

namespace squall {
namespace {

struct CgroupMount {
  std::string root;  // the cgroup that the mount shows at its top
  std::string point;
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

bool contains(const std::vector<std::string>& parts, const std::string& wanted) {
  for (const std::string& part : parts) {
    if (part == wanted) return true;
  }
  return false;
}

// proc(5): "36 35 98:0 ROOT POINT OPTIONS… - TYPE SOURCE SUPEROPTIONS".
std::optional<CgroupMount> find_mount(const std::string& mountinfo, CgroupVersion version) {
  for (const std::string& line : split(mountinfo, '\n')) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    const std::vector<std::string> left = split(line.substr(0, dash), ' ');
    const std::vector<std::string> right = split(line.substr(dash + 3), ' ');
    if (left.size() < 5 || right.size() < 3) continue;
    const bool is_wanted = version == CgroupVersion::kV2
                               ? right[0] == "cgroup2"
                               : right[0] == "cgroup" && contains(split(right[2], ','), "freezer");
    if (is_wanted) return CgroupMount{.root = left[3], .point = left[4]};
  }
  return std::nullopt;
}

// Lines of /proc/self/cgroup: "0::/path" for v2, "6:freezer:/path" for v1.
std::optional<std::string> find_own_path(const std::string& membership, CgroupVersion version) {
  for (const std::string& line : split(membership, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool is_wanted = version == CgroupVersion::kV2
                               ? line.substr(0, first) == "0"
                               : contains(split(controllers, ','), "freezer");
    if (is_wanted) return line.substr(second + 1);
  }
  return std::nullopt;
}

Result<> check_writable(const std::string& path) {
  if (::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0) return {};
  return errno_error(path);
}

Result<FreezerParent> find(const std::string& root, CgroupVersion version) {
  const std::string mountinfo = TRY(read_pseudo_file(root + "/proc/self/mountinfo"));
  const std::string membership = TRY(read_pseudo_file(root + "/proc/self/cgroup"));
  const std::optional<CgroupMount> mount = find_mount(mountinfo, version);
  if (!mount) return Error{Errc::kUnsupported, "not mounted"};
  const std::optional<std::string> own = find_own_path(membership, version);
  if (!own) return Error{Errc::kUnsupported, "this process is in no cgroup of it"};
  // A container sees its own cgroup at the top of the mount: "/docker/ab" mounted, "/docker/ab"
  // ours.
  std::string below = *own;
  if (mount->root != "/" && below.rfind(mount->root, 0) == 0) below.erase(0, mount->root.size());
  if (below == "/") below.clear();
  FreezerParent parent{.version = version, .path = root + mount->point + below};
  TRY(check_writable(parent.path));
  TRY(check_writable(parent.path + "/cgroup.procs"));
  return parent;
}

}  // namespace

Result<FreezerParent> find_freezer_parent(const std::string& root) {
  Result<FreezerParent> v2 = find(root, CgroupVersion::kV2);
  if (v2.ok()) return v2;
  Result<FreezerParent> v1 = find(root, CgroupVersion::kV1);
  if (v1.ok()) return v1;
  return Error{Errc::kUnsupported,
               "no writable cgroup to freeze processes in: cgroup v2: " + v2.error().what +
                   "; v1 freezer: " + v1.error().what +
                   "; run as root or delegate a cgroup (systemd: Delegate=yes)"};
}

}  // namespace squall
