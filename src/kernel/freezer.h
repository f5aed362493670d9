// Freezes processes through a cgroup: atomic, children included, and unseen by their parents,
// unlike SIGSTOP.  Works with cgroup v2 (cgroup.freeze) and the v1 freezer controller.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

#include "base/result.h"
#include "base/time.h"

namespace squall {

enum class CgroupVersion { kV1, kV2 };

// Where a writable cgroup for freezing may be made.
struct FreezerParent {
  CgroupVersion version = CgroupVersion::kV2;
  std::string path;  // for example "/sys/fs/cgroup/freezer"
  friend bool operator==(const FreezerParent&, const FreezerParent&) = default;
};
// Our own cgroup if we may make children of it: v2 preferred, then v1.  kUnsupported says what was
// tried and why not.  Reads /proc and cgroup files below `root` ("" is this machine, tests pass a
// directory).
[[nodiscard]] Result<FreezerParent> find_freezer_parent(const std::string& root = "");

// One child cgroup, "squall-NAME".  Outlives us: the journal owns it, so the destructor does
// nothing.
class Freezer {
 public:
  // An existing one of that name is adopted.
  static Result<Freezer> create(const std::string& name, const FreezerParent& parent);
  static Result<Freezer> create(const std::string& name);
  // One that a journal names.  kNotFound when it is gone.
  static Result<Freezer> open(const std::string& path, CgroupVersion version);

  // Moves a process (with all its threads) in.  kNotFound when it is gone.
  [[nodiscard]] Result<> add(pid_t pid);
  // Returns once the kernel says that every member is frozen; kTimeout otherwise, still freezing.
  [[nodiscard]] Result<> freeze(Duration timeout);
  // Idempotent, and fine when the cgroup is gone.
  [[nodiscard]] Result<> thaw();
  [[nodiscard]] Result<bool> is_frozen() const;
  [[nodiscard]] Result<bool> has_members() const;
  // Thaws, moves members back to the parent and removes the cgroup.  Fine when it is gone.
  [[nodiscard]] Result<> remove();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] CgroupVersion version() const { return version_; }

 private:
  Freezer(std::string path, CgroupVersion version) : path_(std::move(path)), version_(version) {}
  std::string path_;
  CgroupVersion version_;
};

}  // namespace squall
