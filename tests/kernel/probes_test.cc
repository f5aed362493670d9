// What the probes advise, on trees of plain files.
#include "kernel/probes.h"

#include <gtest/gtest.h>

#include "tests/support/file_tree.h"

namespace squall {
namespace {

using AdviceTree = FileTree;

TEST_F(AdviceTree, NamesTheSysctlThatForbids) {
  put("/proc/sys/kernel/unprivileged_userns_clone", "0\n");
  put("/proc/sys/user/max_user_namespaces", "15000\n");
  EXPECT_EQ(user_namespace_advice(root_),
            "kernel.unprivileged_userns_clone is 0: sysctl -w kernel.unprivileged_userns_clone=1; "
            "or run in the sealed arena, which needs none: --arena sealed");
}

TEST_F(AdviceTree, NamesAppArmorAndTheContainerTogether) {
  put("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
  put("/.dockerenv", "");
  EXPECT_EQ(user_namespace_advice(root_),
            "AppArmor restricts user namespaces (Ubuntu 23.10 and later): load an AppArmor profile "
            "for squall that holds 'userns,', or "
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0; "
            "we seem to run in a container: docker run --security-opt seccomp=unconfined "
            "--security-opt apparmor=unconfined --security-opt systempaths=unconfined --device "
            "/dev/net/tun --cap-add NET_ADMIN; "
            "or run in the sealed arena, which needs none: --arena sealed");
}

TEST_F(AdviceTree, AFilteredProcessIsTakenForAContainer) {
  put("/proc/self/status", "Name:\tsquall\nSeccomp:\t2\n");
  EXPECT_NE(user_namespace_advice(root_).find("docker run"), std::string::npos);
  put("/proc/self/status", "Name:\tsquall\nSeccomp:\t0\n");
  EXPECT_EQ(user_namespace_advice(root_),
            "run as root, or run in the sealed arena, which needs none: --arena sealed");
}

TEST(KernelVersion, IsReadFromAnyRelease) {
  EXPECT_EQ(must(parse_kernel_version("6.1.0-18-amd64")), (KernelVersion{6, 1}));
  EXPECT_EQ(must(parse_kernel_version("5.12-rc3+")), (KernelVersion{5, 12}));
  EXPECT_LT((KernelVersion{5, 9}), kOldestKernel);
  EXPECT_EQ(error_of(parse_kernel_version("linux")), "'linux' is not a kernel release");
}

}  // namespace
}  // namespace squall
