// Namespaces by setns(2), unshare(2) and /proc.
#include "kernel/namespaces.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <array>
#include <optional>
#include <thread>

#include "kernel/netlink.h"
#include "kernel/probes.h"
#include "kernel/pseudo_file.h"

namespace squall {
namespace {

struct KindRow {
  NamespaceKind kind;
  const char* file;  // below /proc/PID/ns
  int clone_flag;
};
constexpr std::array kKinds = {
    KindRow{NamespaceKind::kUser, "user", CLONE_NEWUSER},
    KindRow{NamespaceKind::kMount, "mnt", CLONE_NEWNS},
    KindRow{NamespaceKind::kPid, "pid", CLONE_NEWPID},
    KindRow{NamespaceKind::kNetwork, "net", CLONE_NEWNET},
    KindRow{NamespaceKind::kIpc, "ipc", CLONE_NEWIPC},
    KindRow{NamespaceKind::kUts, "uts", CLONE_NEWUTS},
};

const KindRow& row_of(NamespaceKind kind) {
  for (const KindRow& row : kKinds) {
    if (row.kind == kind) return row;
  }
  CHECK(false);
  return kKinds.front();
}

Result<Fd> open_path(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) return kernel_error("open " + path);
  return fd;
}

// Runs on a helper thread: unshare(2) moves only the thread that calls it.
Result<Fd> unshare_netns() {
  if (::unshare(CLONE_NEWNET) != 0) return kernel_error("unshare network namespace");
  Netlink netlink = TRY(Netlink::open());
  TRY(netlink.set_up("lo"));
  return current_netns();
}

}  // namespace

Result<Fd> open_namespace(pid_t pid, NamespaceKind kind) {
  return open_path("/proc/" + std::to_string(pid) + "/ns/" + row_of(kind).file);
}

Result<Fd> open_namespace(const std::string& path, NamespaceKind kind) {
  Fd fd = TRY(open_path(path));
  const int type = ::ioctl(fd.get(), NS_GET_NSTYPE);
  if (type != row_of(kind).clone_flag) {
    return Error{Errc::kInvalid,
                 "open " + path + ": not a namespace of kind '" + row_of(kind).file + "'"};
  }
  return fd;
}

Result<Fd> current_netns() {
  return open_path("/proc/thread-self/ns/net");
}

Result<Fd> make_netns() {
  std::optional<Result<Fd>> made;
  std::thread([&made] { made.emplace(unshare_netns()); }).join();
  return std::move(*made).in("make a network namespace");
}

Result<NamespaceId> namespace_id(const Fd& ns) {
  struct stat status = {};
  if (::fstat(ns.get(), &status) != 0) return errno_error("stat a namespace");
  return NamespaceId{.device = status.st_dev, .inode = status.st_ino};
}

Result<NetnsScope> NetnsScope::enter(const Fd& netns) {
  Fd home = TRY(current_netns());
  if (::setns(netns.get(), CLONE_NEWNET) != 0) return errno_error("enter a network namespace");
  return NetnsScope(std::move(home));
}

NetnsScope::~NetnsScope() {
  if (!home_.is_open()) return;
  CHECK(::setns(home_.get(), CLONE_NEWNET) == 0);
}

Result<> unshare_namespaces(int clone_flags) {
  if (::unshare(clone_flags) == 0) return {};
  const int error = errno;
  Error refusal = kernel_error("unshare namespaces", error);
  // EINVAL here means that the caller has threads, which no setting of the machine cures.
  if ((clone_flags & CLONE_NEWUSER) == 0 || error == EINVAL) return refusal;
  refusal.code = Errc::kUnsupported;
  refusal.what += "; " + user_namespace_advice("");
  return refusal;
}

Result<> write_id_maps(pid_t pid, const IdMap& map) {
  const std::string process = "/proc/" + (pid == 0 ? "self" : std::to_string(pid));
  const auto line = [](unsigned inside, unsigned outside) {
    return std::to_string(inside) + " " + std::to_string(outside) + " 1\n";
  };
  TRY(write_pseudo_file(process + "/setgroups", "deny"));
  TRY(write_pseudo_file(process + "/uid_map", line(map.inside_uid, map.outside_uid)));
  return write_pseudo_file(process + "/gid_map", line(map.inside_gid, map.outside_gid));
}

}  // namespace squall
