// Moves the test program into namespaces of its own.
#include "tests/support/own_namespaces.h"

#include <sched.h>
#include <unistd.h>

#include "kernel/mounts.h"
#include "kernel/namespaces.h"
#include "kernel/netlink.h"

namespace squall {
namespace {

Result<> enter() {
  const IdMap map{.outside_uid = ::geteuid(), .outside_gid = ::getegid()};
  TRY(unshare_namespaces(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS));
  TRY(write_id_maps(0, map));
  TRY(make_mounts_private());
  Netlink netlink = TRY(Netlink::open());
  return netlink.set_up("lo");
}

}  // namespace

Result<> enter_own_namespaces() {
  static const Result<> entered = enter();
  return entered;
}

}  // namespace squall
