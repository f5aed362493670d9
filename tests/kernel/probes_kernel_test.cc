// The probes on this machine: they agree with what really works.
#include "kernel/probes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernel/capabilities.h"
#include "kernel/child.h"
#include "kernel/sysctl.h"
#include "tests/support/own_namespaces.h"

namespace squall {
namespace {

using ProbesTest = KernelTest;

TEST_F(ProbesTest, WhereWeCouldEnterNamespacesTheProbesAgree) {
  EXPECT_EQ(error_of(probe_user_namespaces()), "ok");
  EXPECT_EQ(error_of(probe_nftables()), "ok");
  EXPECT_EQ(error_of(probe_kernel_version()), "ok");
}

// A child namespace with a limit of none stands for a machine that forbids them.
TEST_F(ProbesTest, AForbiddenUserNamespaceIsUnsupportedAndSaysTheCure) {
  const Result<> refused = run_in_child([]() -> Result<> {
    TRY(write_sysctl("user/max_user_namespaces", "0"));
    return probe_user_namespaces();
  });
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::kUnsupported);
  // What follows depends on whether we run in a container.
  EXPECT_THAT(refused.error().what,
              testing::StartsWith(
                  "user namespaces: make the lab's namespaces: No space left on device; "
                  "user.max_user_namespaces is 0: sysctl -w user.max_user_namespaces=15000; "));
}

TEST_F(ProbesTest, ASettingThatIsNotThereIsNotFound) {
  EXPECT_EQ(read_sysctl("net/ipv4/no_such_setting").error().code, Errc::kNotFound);
  EXPECT_EQ(error_of(write_sysctl("../etc/passwd", "x")),
            "'../etc/passwd' is not a path below /proc/sys");
  must(disable_dad());
  EXPECT_EQ(must(read_sysctl("net/ipv6/conf/default/accept_dad")), "0");
}

}  // namespace
}  // namespace squall
