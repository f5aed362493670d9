// Network namespaces: making, entering, telling apart.
#include "kernel/namespaces.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "kernel/netlink.h"
#include "tests/support/own_namespaces.h"

namespace squall {
namespace {

using NamespacesTest = KernelTest;

NamespaceId here() {
  const Fd netns = must(current_netns());
  return must(namespace_id(netns));
}

TEST_F(NamespacesTest, ANewNetnsHasItsLoopbackUpAndLeavesUsWhereWeAre) {
  const NamespaceId before = here();
  const Fd made = must(make_netns());
  EXPECT_EQ(here(), before);
  EXPECT_NE(must(namespace_id(made)), before);
  Netlink netlink = must(Netlink::open(made));
  EXPECT_TRUE(must(netlink.link("lo")).is_up);
  EXPECT_EQ(must(netlink.links()).size(), 1U);
}

TEST_F(NamespacesTest, AScopeEntersAndReturns) {
  const NamespaceId before = here();
  const Fd made = must(make_netns());
  {
    const NetnsScope scope = must(NetnsScope::enter(made));
    EXPECT_EQ(here(), must(namespace_id(made)));
  }
  EXPECT_EQ(here(), before);
}

TEST_F(NamespacesTest, AProcessAndAPathLeadToTheSameNamespace) {
  const Fd by_pid = must(open_namespace(::getpid(), NamespaceKind::kNetwork));
  const Fd by_path = must(open_namespace("/proc/self/ns/net", NamespaceKind::kNetwork));
  EXPECT_EQ(must(namespace_id(by_pid)), must(namespace_id(by_path)));
}

TEST_F(NamespacesTest, AMissingNamespaceIsNotFound) {
  const auto missing = open_namespace("/run/netns/no-such-netns", NamespaceKind::kNetwork);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, Errc::kNotFound);
  EXPECT_EQ(missing.error().what, "open /run/netns/no-such-netns: No such file or directory");
}

TEST_F(NamespacesTest, ANamespaceOfAnotherKindIsRefused) {
  EXPECT_EQ(error_of(open_namespace("/proc/self/ns/uts", NamespaceKind::kNetwork)),
            "open /proc/self/ns/uts: not a namespace of kind 'net'");
  EXPECT_EQ(error_of(open_namespace("/proc/self/stat", NamespaceKind::kNetwork)),
            "open /proc/self/stat: not a namespace of kind 'net'");
}

TEST_F(NamespacesTest, EnteringSomethingElseIsAnErrorAndChangesNothing) {
  const NamespaceId before = here();
  const Fd uts = must(open_namespace(::getpid(), NamespaceKind::kUts));
  EXPECT_EQ(error_of(NetnsScope::enter(uts)), "enter a network namespace: Invalid argument");
  EXPECT_EQ(here(), before);
}

TEST_F(NamespacesTest, IdsAreMappedToANonZeroUserOnce) {
  EXPECT_EQ(::getuid(), 1000U);
  EXPECT_EQ(::getgid(), 1000U);
  const Result<> again = write_id_maps(0, IdMap{});
  ASSERT_FALSE(again.ok());
}

}  // namespace
}  // namespace squall
