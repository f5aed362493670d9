// Finding a cgroup to freeze in, and what is written there, on trees of plain files.
#include "kernel/freezer.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/file_tree.h"

namespace squall {
namespace {

namespace fs = std::filesystem;

using FreezerTree = FileTree;

constexpr const char* kV2Mount =
    "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr const char* kV1Mount =
    "35 30 0:31 / /sys/fs/cgroup/freezer rw,nosuid shared:9 - cgroup cgroup rw,freezer\n";

TEST_F(FreezerTree, OurOwnDelegatedV2CgroupIsPreferred) {
  put("/proc/self/mountinfo", std::string(kV1Mount) + kV2Mount);
  put("/proc/self/cgroup", "6:freezer:/\n0::/user.slice/squall.scope\n");
  put("/sys/fs/cgroup/user.slice/squall.scope/cgroup.procs", "");
  put("/sys/fs/cgroup/freezer/cgroup.procs", "");
  const FreezerParent wanted{.version = CgroupVersion::kV2,
                             .path = root_ + "/sys/fs/cgroup/user.slice/squall.scope"};
  EXPECT_EQ(must(find_freezer_parent(root_)), wanted);
}

TEST_F(FreezerTree, V1IsTakenWhereV2IsNotOurs) {
  put("/proc/self/mountinfo", std::string(kV1Mount) + kV2Mount);
  put("/proc/self/cgroup", "7:cpu,freezer:/agent\n0::/not-there\n");
  put("/sys/fs/cgroup/freezer/agent/cgroup.procs", "");
  const FreezerParent wanted{.version = CgroupVersion::kV1,
                             .path = root_ + "/sys/fs/cgroup/freezer/agent"};
  EXPECT_EQ(must(find_freezer_parent(root_)), wanted);
}

TEST_F(FreezerTree, AContainerSeesItsOwnCgroupAtTheTopOfTheMount) {
  put("/proc/self/mountinfo",
      "30 24 0:26 /docker/ab /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n");
  put("/proc/self/cgroup", "0::/docker/ab\n");
  put("/sys/fs/cgroup/cgroup.procs", "");
  EXPECT_EQ(must(find_freezer_parent(root_)).path, root_ + "/sys/fs/cgroup");
}

TEST_F(FreezerTree, WithoutAnyTheErrorSaysWhatWasTriedAndWhatHelps) {
  put("/proc/self/mountinfo", kV2Mount);
  put("/proc/self/cgroup", "0::/gone\n");
  const Result<FreezerParent> found = find_freezer_parent(root_);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, Errc::kUnsupported);
  EXPECT_EQ(found.error().what,
            "no writable cgroup to freeze processes in: cgroup v2: " + root_ +
                "/sys/fs/cgroup/gone: No such file or directory; v1 freezer: not mounted; "
                "run as root or delegate a cgroup (systemd: Delegate=yes)");
}

class FreezerFiles : public FreezerTree {
 protected:
  Freezer make_v2() {
    put("/cg/cgroup.procs", "");
    put("/cg/squall-x/cgroup.procs", "");
    put("/cg/squall-x/cgroup.freeze", "0");
    put("/cg/squall-x/cgroup.events", "populated 1\nfrozen 0\n");
    return must(Freezer::create("x", {.version = CgroupVersion::kV2, .path = root_ + "/cg"}));
  }
};

TEST_F(FreezerFiles, V2IsSwitchedByOneAndZeroAndReadFromItsEvents) {
  Freezer freezer = make_v2();
  EXPECT_EQ(freezer.path(), root_ + "/cg/squall-x");
  EXPECT_FALSE(must(freezer.is_frozen()));
  put("/cg/squall-x/cgroup.events", "populated 1\nfrozen 1\n");
  must(freezer.freeze(Duration(0)));
  EXPECT_TRUE(must(freezer.is_frozen()));
  EXPECT_EQ(get("/cg/squall-x/cgroup.freeze"), "1");
  must(freezer.thaw());
  EXPECT_EQ(get("/cg/squall-x/cgroup.freeze"), "0");
}

TEST_F(FreezerFiles, AFreezeThatTheKernelDoesNotConfirmTimesOut) {
  Freezer freezer = make_v2();
  const Result<> frozen = freezer.freeze(std::chrono::milliseconds(1));
  ASSERT_FALSE(frozen.ok());
  EXPECT_EQ(frozen.error().code, Errc::kTimeout);
  EXPECT_EQ(frozen.error().what, "freeze " + freezer.path() + ": not frozen within 1ms");
}

TEST_F(FreezerFiles, MembersAreWrittenByPid) {
  Freezer freezer = make_v2();
  must(freezer.add(4242));
  EXPECT_EQ(get("/cg/squall-x/cgroup.procs"), "4242");
  EXPECT_TRUE(must(freezer.has_members()));
}

TEST_F(FreezerFiles, ThawingAndRemovingWhatIsGoneSucceeds) {
  Freezer freezer = make_v2();
  fs::remove_all(root_ + "/cg/squall-x");
  must(freezer.thaw());
  must(freezer.remove());
  EXPECT_EQ(Freezer::open(freezer.path(), CgroupVersion::kV2).error().code, Errc::kNotFound);
}

TEST_F(FreezerFiles, ANameIsNoPath) {
  EXPECT_EQ(error_of(Freezer::create("../x", {})), "'../x' cannot name a cgroup");
}

}  // namespace
}  // namespace squall
