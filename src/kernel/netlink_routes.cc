// Routes.
#include <linux/rtnetlink.h>
#include <netlink/route/link.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>

#include "kernel/netlink.h"
#include "kernel/netlink_socket.h"

namespace squall {
namespace {

using RoutePtr = NlPtr<rtnl_route, rtnl_route_put>;
using LinkPtr = NlPtr<rtnl_link, rtnl_link_put>;

std::string describe(const Route& route) {
  std::string text = "route to " + route.to;
  if (!route.via.empty()) text += " via " + route.via;
  if (!route.link.empty()) text += " on link '" + route.link + "'";
  if (route.table != kMainTable) text += " in table " + std::to_string(route.table);
  return text;
}

Result<RoutePtr> make_route(const Route& route, int link_index) {
  const int family = to_af(family_of(route.to));
  RoutePtr result(rtnl_route_alloc());
  TRY(nl_result(rtnl_route_set_family(result.get(), static_cast<std::uint8_t>(family)), "family"));
  const NlAddress to = TRY(parse_address(route.to, family));
  TRY(nl_result(rtnl_route_set_dst(result.get(), to.get()), "destination"));
  rtnl_route_set_table(result.get(), route.table);
  if (route.metric != 0) rtnl_route_set_priority(result.get(), route.metric);
  rtnl_nexthop* hop = rtnl_route_nh_alloc();
  rtnl_route_add_nexthop(result.get(), hop);  // the route owns it from here on
  if (link_index != 0) rtnl_route_nh_set_ifindex(hop, link_index);
  if (!route.via.empty()) {
    const NlAddress via = TRY(parse_address(route.via, to_af(family_of(route.via))));
    rtnl_route_nh_set_gateway(hop, via.get());
  }
  return result;
}

// A default route has no destination at all.
std::string destination(rtnl_route* route) {
  std::string text = to_prefix_text(rtnl_route_get_dst(route));
  if (!text.empty() && text.find("none") == std::string::npos) return text;
  return rtnl_route_get_family(route) == AF_INET6 ? "::/0" : "0.0.0.0/0";
}

Route to_route(nl_cache* links, rtnl_route* route) {
  Route result;
  result.to = destination(route);
  result.table = rtnl_route_get_table(route);
  result.metric = rtnl_route_get_priority(route);
  rtnl_nexthop* hop = rtnl_route_nexthop_n(route, 0);
  if (hop == nullptr) return result;
  result.via = to_text(rtnl_route_nh_get_gateway(hop));
  const LinkPtr link(rtnl_link_get(links, rtnl_route_nh_get_ifindex(hop)));
  if (link) result.link = rtnl_link_get_name(link.get());
  return result;
}

}  // namespace

Result<> Netlink::put_route(const Route& route) {
  const std::string attempt = "put " + describe(route);
  const int index = TRY(socket_->index_or_zero(route.link).in(attempt));
  const RoutePtr request = TRY(make_route(route, index).in(attempt));
  return socket_->answer(
      rtnl_route_add(socket_->handle.get(), request.get(), NLM_F_CREATE | NLM_F_REPLACE), attempt);
}

Result<> Netlink::remove_route(const Route& route) {
  const std::string attempt = "remove " + describe(route);
  const Result<int> index = socket_->index_or_zero(route.link);
  if (!index.ok() && index.error().code == Errc::kNotFound) return {};
  if (!index.ok()) return index.error().in(attempt);
  const RoutePtr request = TRY(make_route(route, *index).in(attempt));
  return absence_is_success(
      socket_->answer(rtnl_route_delete(socket_->handle.get(), request.get(), 0), attempt));
}

Result<int> Netlink::link_towards(const std::string& ip) {
  const NlAddress to = TRY(parse_address(ip, to_af(family_of(ip))));
  rtnl_route* found = nullptr;
  Result<> answer = socket_->answer(rtnl_route_lookup(socket_->handle.get(), to.get(), &found),
                                    "find the way to " + ip);
  if (!answer.ok()) return Error{Errc::kNotFound, answer.error().what};
  const RoutePtr route(found);
  rtnl_nexthop* hop = rtnl_route_nexthop_n(found, 0);
  if (hop == nullptr) return Error{Errc::kNotFound, "the way to " + ip + " leaves by no link"};
  return rtnl_route_nh_get_ifindex(hop);
}

Result<std::vector<Route>> Netlink::routes(std::uint32_t table) {
  nl_cache* raw = nullptr;
  TRY(socket_->answer(rtnl_link_alloc_cache(socket_->handle.get(), AF_UNSPEC, &raw), "list links"));
  const NlCache links(raw);
  TRY(socket_->answer(rtnl_route_alloc_cache(socket_->handle.get(), AF_UNSPEC, 0, &raw),
                      "list routes"));
  const NlCache cache(raw);
  std::vector<Route> result;
  for (nl_object* row = nl_cache_get_first(raw); row != nullptr; row = nl_cache_get_next(row)) {
    auto* route = reinterpret_cast<rtnl_route*>(row);
    if (rtnl_route_get_table(route) != table || rtnl_route_get_type(route) != RTN_UNICAST) continue;
    result.push_back(to_route(links.get(), route));
  }
  return result;
}

}  // namespace squall
