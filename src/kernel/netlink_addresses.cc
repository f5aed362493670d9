// Addresses of links.
#include <linux/if_addr.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>

#include "kernel/netlink.h"
#include "kernel/netlink_socket.h"

namespace squall {
namespace {

using AddrPtr = NlPtr<rtnl_addr, rtnl_addr_put>;
using LinkPtr = NlPtr<rtnl_link, rtnl_link_put>;

Result<AddrPtr> make_address(int link_index, const std::string& prefix) {
  const NlAddress local = TRY(parse_address(prefix, to_af(family_of(prefix))));
  AddrPtr address(rtnl_addr_alloc());
  rtnl_addr_set_ifindex(address.get(), link_index);
  TRY(nl_result(rtnl_addr_set_local(address.get(), local.get()), "use address " + prefix));
  if (family_of(prefix) == IpFamily::kV6) rtnl_addr_set_flags(address.get(), IFA_F_NODAD);
  return address;
}

// A link may vanish between two dumps; its addresses then have no name.
std::string link_name(nl_cache* links, int index) {
  const LinkPtr link(rtnl_link_get(links, index));
  return link ? rtnl_link_get_name(link.get()) : "";
}

}  // namespace

Result<> Netlink::add_address(const std::string& link, const std::string& prefix) {
  const std::string attempt = "add address " + prefix + " to link '" + link + "'";
  const int index = TRY(socket_->index_of(link).in(attempt));
  const AddrPtr address = TRY(make_address(index, prefix).in(attempt));
  return socket_->answer(
      rtnl_addr_add(socket_->handle.get(), address.get(), NLM_F_CREATE | NLM_F_EXCL), attempt);
}

Result<> Netlink::remove_address(const std::string& link, const std::string& prefix) {
  const std::string attempt = "remove address " + prefix + " from link '" + link + "'";
  const Result<int> index = socket_->index_of(link);
  if (!index.ok() && index.error().code == Errc::kNotFound) return {};
  if (!index.ok()) return index.error().in(attempt);
  const AddrPtr address = TRY(make_address(*index, prefix).in(attempt));
  return absence_is_success(
      socket_->answer(rtnl_addr_delete(socket_->handle.get(), address.get(), 0), attempt));
}

Result<std::vector<LinkAddress>> Netlink::addresses() {
  nl_cache* raw = nullptr;
  TRY(socket_->answer(rtnl_link_alloc_cache(socket_->handle.get(), AF_UNSPEC, &raw), "list links"));
  const NlCache links(raw);
  TRY(socket_->answer(rtnl_addr_alloc_cache(socket_->handle.get(), &raw), "list addresses"));
  const NlCache cache(raw);
  std::vector<LinkAddress> result;
  for (nl_object* row = nl_cache_get_first(raw); row != nullptr; row = nl_cache_get_next(row)) {
    auto* address = reinterpret_cast<rtnl_addr*>(row);
    result.push_back({.link = link_name(links.get(), rtnl_addr_get_ifindex(address)),
                      .prefix = to_prefix_text(rtnl_addr_get_local(address))});
  }
  return result;
}

}  // namespace squall
