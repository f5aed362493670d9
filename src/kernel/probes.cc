// Probes that try, and sentences that say what to do.
#include "kernel/probes.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "kernel/capabilities.h"
#include "kernel/child.h"
#include "kernel/mounts.h"
#include "kernel/namespaces.h"
#include "kernel/netlink.h"
#include "kernel/nftables.h"
#include "kernel/pseudo_file.h"
#include "kernel/traffic_control.h"
#include "kernel/tun.h"

namespace squall {
namespace {

struct Obstacle {
  const char* file;   // below the root
  const char* value;  // what it says when it stands in the way
  const char* what;
  const char* cure;
};
constexpr std::array kObstacles = {
    Obstacle{"/proc/sys/kernel/unprivileged_userns_clone", "0",
             "kernel.unprivileged_userns_clone is 0",
             "sysctl -w kernel.unprivileged_userns_clone=1"},
    Obstacle{"/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces is 0",
             "sysctl -w user.max_user_namespaces=15000"},
    Obstacle{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
             "AppArmor restricts user namespaces (Ubuntu 23.10 and later)",
             "load an AppArmor profile for squall that holds 'userns,', or "
             "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
};

constexpr const char* kContainer = "we seem to run in a container";
constexpr const char* kContainerCure =
    "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined --device /dev/net/tun --cap-add NET_ADMIN";
constexpr const char* kLastResort = "run in the sealed arena, which needs none: --arena sealed";

// A container's default seccomp filter refuses CLONE_NEWUSER to all but CAP_SYS_ADMIN.
bool is_container(const std::string& root) {
  if (::access((root + "/.dockerenv").c_str(), F_OK) == 0) return true;
  if (::access((root + "/run/.containerenv").c_str(), F_OK) == 0) return true;
  const auto status = read_pseudo_file(root + "/proc/self/status");
  return status.ok() && status->find("\nSeccomp:\t2") != std::string::npos;
}

// What the lab does first.  Under AppArmor's restriction the namespaces are made and only their use
// is refused, so we use them; where /proc is masked, only a fresh one is refused.
Result<> use_new_namespaces() {
  const IdMap map{.outside_uid = ::geteuid(), .outside_gid = ::getegid()};
  constexpr int kAsTheLab =
      CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
  if (::unshare(kAsTheLab) != 0) return kernel_error("make the lab's namespaces");
  TRY(write_id_maps(0, map).in("map ids"));
  TRY(make_mounts_private());
  Netlink netlink = TRY(Netlink::open());
  TRY(netlink.set_up("lo"));
  return run_in_child([] { return mount_proc(); });
}

// Where packets and devices of a probe harm nobody.
Result<> enter_own_netns() {
  const int user = has_capability(CAP_SYS_ADMIN) ? 0 : CLONE_NEWUSER;
  return unshare_namespaces(user | CLONE_NEWNET);
}

Result<> use_nftables() {
  TRY(enter_own_netns());
  Nft nft = TRY(Nft::open());
  return nft.run(
      "add table inet squall-probe { flags owner; }\n"
      "add set inet squall-probe peers { type ipv4_addr; flags timeout; }\n"
      "add element inet squall-probe peers { 198.18.0.1 timeout 5s }\n");
}

}  // namespace

std::vector<Hindrance> user_namespace_hindrances(const std::string& root) {
  std::vector<Hindrance> found;
  for (const Obstacle& obstacle : kObstacles) {
    const auto text = read_pseudo_file(root + obstacle.file);
    if (!text.ok() || without_newline(*text) != obstacle.value) continue;
    found.push_back({obstacle.what, obstacle.cure});
  }
  if (is_container(root)) found.push_back({kContainer, kContainerCure});
  return found;
}

std::string user_namespace_advice(const std::string& root) {
  std::string advice;
  for (const Hindrance& one : user_namespace_hindrances(root)) {
    advice += one.what + ": " + one.cure + "; ";
  }
  return advice + (advice.empty() ? "run as root, or " : "or ") + kLastResort;
}

Result<> try_user_namespaces() {
  return run_in_child(use_new_namespaces);
}

Result<> probe_user_namespaces() {
  const Result<> tried = try_user_namespaces();
  if (tried.ok()) return {};
  return Error{Errc::kUnsupported,
               "user namespaces: " + tried.error().what + "; " + user_namespace_advice("")};
}

Result<> probe_tun() {
  const Result<> tried = run_in_child([]() -> Result<> {
    TRY(enter_own_netns());
    TRY(open_tun());
    return {};
  });
  return Result<>(tried).in("TUN devices");
}

Result<> probe_netem() {
  return run_in_child([]() -> Result<> {
    TRY(enter_own_netns());
    return try_netem("squall-probe");
  });
}

Result<> probe_nftables() {
  TRY(probe_kernel_version());
  const Result<> tried = run_in_child(use_nftables);
  if (tried.ok()) return {};
  return Error{Errc::kUnsupported,
               "nftables with owner tables and set timeouts: " + tried.error().what +
                   "; it needs a kernel of 5.12 or later with CONFIG_NF_TABLES_INET"};
}

Result<KernelVersion> parse_kernel_version(std::string_view release) {
  KernelVersion version;
  const char* end = release.data() + release.size();
  const auto major = std::from_chars(release.data(), end, version.major);
  if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.' &&
      std::from_chars(major.ptr + 1, end, version.minor).ec == std::errc()) {
    return version;
  }
  return Error{Errc::kIo, "'" + std::string(release) + "' is not a kernel release"};
}

Result<KernelVersion> kernel_version() {
  utsname names = {};
  if (::uname(&names) != 0) return errno_error("read the kernel version");
  return parse_kernel_version(names.release);
}

Result<> probe_kernel_version() {
  const KernelVersion version = TRY(kernel_version());
  if (version >= kOldestKernel) return {};
  return Error{Errc::kUnsupported,
               "kernel " + std::to_string(version.major) + "." + std::to_string(version.minor) +
                   " is older than 5.12, which owner tables need; update it, or run in the sealed "
                   "arena: --arena sealed"};
}

}  // namespace squall
