// Namespaces as descriptors: open them, make network namespaces, enter one for a scope, and map
// ids.
#pragma once

#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "base/fd.h"
#include "base/result.h"

namespace squall {

enum class NamespaceKind { kUser, kMount, kPid, kNetwork, kIpc, kUts };

// The namespace of a live process.  kNotFound when there is no such process.
[[nodiscard]] Result<Fd> open_namespace(pid_t pid, NamespaceKind kind);
// The namespace behind a path such as /run/netns/eu1.  kInvalid when it is of another kind.
[[nodiscard]] Result<Fd> open_namespace(const std::string& path, NamespaceKind kind);
// The calling thread's network namespace.
[[nodiscard]] Result<Fd> current_netns();
// A new network namespace with its loopback up.  It lives as long as a descriptor, a process or a
// mount refers to it.  The caller's own namespace does not change: a helper thread does the work.
[[nodiscard]] Result<Fd> make_netns();

// What makes two descriptors the same namespace; stable while anything holds the namespace open.
struct NamespaceId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend auto operator<=>(const NamespaceId&, const NamespaceId&) = default;
};
[[nodiscard]] Result<NamespaceId> namespace_id(const Fd& ns);

// Enters a network namespace for the lifetime of the object, for the calling thread only.  Sockets
// opened meanwhile stay bound to it for ever, so a scope can be short.  Destroy it on the thread
// that entered.
class NetnsScope {
 public:
  static Result<NetnsScope> enter(const Fd& netns);
  NetnsScope(NetnsScope&&) noexcept = default;
  NetnsScope& operator=(NetnsScope&&) = delete;
  // Returns to the namespace we came from, or aborts: going on in the wrong one would harm others.
  ~NetnsScope();

 private:
  explicit NetnsScope(Fd home) : home_(std::move(home)) {}
  Fd home_;
};

// Puts the calling process into new namespaces: unshare(2) with `clone_flags` (CLONE_NEW…).  For
// CLONE_NEWUSER the caller must be single-threaded.  A refusal names the cause as
// probe_user_namespaces() does.
[[nodiscard]] Result<> unshare_namespaces(int clone_flags);

struct IdMap {
  uid_t inside_uid = 1000;
  uid_t outside_uid = 0;
  gid_t inside_gid = 1000;
  gid_t outside_gid = 0;
};
// Maps one user and one group of a new user namespace; `setgroups` is denied, without which an
// ordinary user may not map a group.  `pid` 0 is the calling process.  Once per namespace.
[[nodiscard]] Result<> write_id_maps(pid_t pid, const IdMap& map);

}  // namespace squall
