// For netlink*.cc only: libnl's objects as owners, and its error codes as ours.
#pragma once

#include <netlink/addr.h>
#include <netlink/cache.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <functional>
#include <memory>
#include <string>

#include "kernel/netlink.h"

struct rtnl_link;

namespace squall {

template <typename Object, void (*release)(Object*)>
struct NlRelease {
  void operator()(Object* object) const { release(object); }
};
template <typename Object, void (*release)(Object*)>
using NlPtr = std::unique_ptr<Object, NlRelease<Object, release>>;

using NlAddress = NlPtr<nl_addr, nl_addr_put>;
using NlCache = NlPtr<nl_cache, nl_cache_free>;

struct Netlink::Socket {
  NlPtr<nl_sock, nl_socket_free> handle;
  // The kernel's errno of the last refusal: libnl's own codes merge many into "unspecific failure".
  int refusal = 0;

  // Turns the code of a libnl call on `handle` into "attempt: the kernel's reason".
  Result<> answer(int code, const std::string& attempt);

  Result<int> index_of(const std::string& name);
  // 0 for no name.
  Result<int> index_or_zero(const std::string& name);
  // Sends the fields that `edit` sets.
  Result<> change(const std::string& name, const std::string& attempt,
                  const std::function<void(rtnl_link*)>& edit);
};

// The code of a libnl call that asks no kernel.
[[nodiscard]] Result<> nl_result(int code, const std::string& attempt);
// Undoing succeeds when there is nothing to undo.
[[nodiscard]] Result<> absence_is_success(Result<> removed);
// "198.18.0.1/16", "fd00::1", "02:00:…" (AF_LLC).  kInvalid quotes the text.
[[nodiscard]] Result<NlAddress> parse_address(const std::string& text, int family);
// Without a prefix length where it is the whole address; empty for none.
[[nodiscard]] std::string to_text(nl_addr* address);
// Always with its prefix length.
[[nodiscard]] std::string to_prefix_text(nl_addr* address);

}  // namespace squall
