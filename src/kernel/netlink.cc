// The rtnetlink socket, and links.
#include "kernel/netlink.h"

#include <linux/if.h>
#include <netlink/errno.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>

#include <algorithm>
#include <utility>

#include "kernel/namespaces.h"
#include "kernel/netlink_socket.h"

namespace squall {
namespace {

using LinkPtr = NlPtr<rtnl_link, rtnl_link_put>;

Result<> check_name(const std::string& name) {
  if (!name.empty() && name.size() < IFNAMSIZ && name.find('/') == std::string::npos) return {};
  return Error{Errc::kInvalid, "'" + name + "' is not a link name of 1 to 15 bytes"};
}

int keep_refusal(sockaddr_nl* /*sender*/, nlmsgerr* message, void* refusal) {
  *static_cast<int*>(refusal) = -message->error;
  return -nl_syserr2nlerr(message->error);
}

// Rows of a link cache hold the master as an index.
std::string name_of(nl_cache* cache, int index) {
  if (index == 0) return "";
  const LinkPtr link(rtnl_link_get(cache, index));
  return link ? rtnl_link_get_name(link.get()) : "";
}

Link to_link(nl_cache* cache, rtnl_link* link) {
  Link result;
  result.index = rtnl_link_get_ifindex(link);
  result.name = rtnl_link_get_name(link);
  const char* kind = rtnl_link_get_type(link);
  result.kind = kind == nullptr ? "" : kind;
  result.mac = to_text(rtnl_link_get_addr(link));
  result.master = name_of(cache, rtnl_link_get_master(link));
  result.mtu = rtnl_link_get_mtu(link);
  result.is_up = (rtnl_link_get_flags(link) & IFF_UP) != 0;
  result.is_running = (rtnl_link_get_flags(link) & IFF_RUNNING) != 0;
  const char* alias = rtnl_link_get_ifalias(link);
  result.alias = alias == nullptr ? "" : alias;
  return result;
}

}  // namespace

Netlink::Netlink(std::unique_ptr<Socket> socket) : socket_(std::move(socket)) {}
Netlink::Netlink(Netlink&&) noexcept = default;
Netlink& Netlink::operator=(Netlink&&) noexcept = default;
Netlink::~Netlink() = default;

Result<Netlink> Netlink::open() {
  auto socket = std::make_unique<Socket>();
  socket->handle.reset(nl_socket_alloc());
  if (!socket->handle) return Error{Errc::kIo, "open rtnetlink: out of memory"};
  // libnl asks for close-on-exec at creation.
  TRY(socket->answer(nl_connect(socket->handle.get(), NETLINK_ROUTE), "open rtnetlink"));
  nl_socket_modify_err_cb(socket->handle.get(), NL_CB_CUSTOM, keep_refusal, &socket->refusal);
  return Netlink(std::move(socket));
}

Result<Netlink> Netlink::open(const Fd& netns) {
  const NetnsScope scope = TRY(NetnsScope::enter(netns));
  return open();
}

Result<int> Netlink::Socket::index_of(const std::string& name) {
  TRY(check_name(name));
  rtnl_link* found = nullptr;
  TRY(answer(rtnl_link_get_kernel(handle.get(), 0, name.c_str(), &found),
             "find link '" + name + "'"));
  const LinkPtr link(found);
  return rtnl_link_get_ifindex(link.get());
}

Result<int> Netlink::Socket::index_or_zero(const std::string& name) {
  if (name.empty()) return 0;
  return index_of(name);
}

Result<> Netlink::Socket::change(const std::string& name, const std::string& attempt,
                                 const std::function<void(rtnl_link*)>& edit) {
  const int index = TRY(index_of(name).in(attempt));
  const LinkPtr change(rtnl_link_alloc());
  rtnl_link_set_ifindex(change.get(), index);
  edit(change.get());
  // Only the fields set in `change` are sent.
  const LinkPtr old(rtnl_link_alloc());
  rtnl_link_set_ifindex(old.get(), index);
  return answer(rtnl_link_change(handle.get(), old.get(), change.get(), 0), attempt);
}

Result<> Netlink::add_bridge(const std::string& name) {
  TRY(check_name(name));
  const LinkPtr link(rtnl_link_alloc());
  rtnl_link_set_type(link.get(), "bridge");
  rtnl_link_set_name(link.get(), name.c_str());
  return socket_->answer(
      rtnl_link_add(socket_->handle.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL),
      "add bridge '" + name + "'");
}

Result<> Netlink::add_ifb(const std::string& name) {
  TRY(check_name(name));
  const LinkPtr link(rtnl_link_alloc());
  rtnl_link_set_type(link.get(), "ifb");
  rtnl_link_set_name(link.get(), name.c_str());
  return socket_->answer(
      rtnl_link_add(socket_->handle.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL),
      "add ifb '" + name + "'");
}

Result<> Netlink::add_veth(const std::string& name, const std::string& peer_name,
                           const Fd& peer_netns) {
  TRY(check_name(name));
  TRY(check_name(peer_name));
  const LinkPtr link(rtnl_link_veth_alloc());
  if (!link) return Error{Errc::kIo, "add veth '" + name + "': out of memory"};
  rtnl_link_set_name(link.get(), name.c_str());
  const LinkPtr peer(rtnl_link_veth_get_peer(link.get()));
  rtnl_link_set_name(peer.get(), peer_name.c_str());
  rtnl_link_set_ns_fd(peer.get(), peer_netns.get());
  return socket_->answer(
      rtnl_link_add(socket_->handle.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL),
      "add veth '" + name + "' with peer '" + peer_name + "'");
}

Result<> Netlink::remove_link(const std::string& name) {
  TRY(check_name(name));
  const LinkPtr link(rtnl_link_alloc());
  rtnl_link_set_name(link.get(), name.c_str());
  return absence_is_success(socket_->answer(rtnl_link_delete(socket_->handle.get(), link.get()),
                                            "remove link '" + name + "'"));
}

Result<> Netlink::move_link(const std::string& name, const Fd& netns) {
  return socket_->change(name, "move link '" + name + "'",
                         [&netns](rtnl_link* link) { rtnl_link_set_ns_fd(link, netns.get()); });
}

Result<> Netlink::set_up(const std::string& name) {
  return socket_->change(name, "set link '" + name + "' up",
                         [](rtnl_link* link) { rtnl_link_set_flags(link, IFF_UP); });
}

Result<> Netlink::set_down(const std::string& name) {
  return socket_->change(name, "set link '" + name + "' down",
                         [](rtnl_link* link) { rtnl_link_unset_flags(link, IFF_UP); });
}

Result<> Netlink::set_master(const std::string& name, const std::string& bridge) {
  const std::string attempt = "put link '" + name + "' on bridge '" + bridge + "'";
  const int master = TRY(socket_->index_of(bridge).in(attempt));
  return socket_->change(name, attempt,
                         [master](rtnl_link* link) { rtnl_link_set_master(link, master); });
}

Result<> Netlink::rename(const std::string& name, const std::string& new_name) {
  TRY(check_name(new_name));
  return socket_->change(
      name, "rename link '" + name + "' to '" + new_name + "'",
      [&new_name](rtnl_link* link) { rtnl_link_set_name(link, new_name.c_str()); });
}

Result<> Netlink::set_queue_length(const std::string& name, std::uint32_t packets) {
  return socket_->change(name, "set the queue length of link '" + name + "'",
                         [&](rtnl_link* link) { rtnl_link_set_txqlen(link, packets); });
}

Result<> Netlink::set_mtu(const std::string& name, std::uint32_t mtu) {
  return socket_->change(name, "set the MTU of link '" + name + "' to " + std::to_string(mtu),
                         [mtu](rtnl_link* link) { rtnl_link_set_mtu(link, mtu); });
}

Result<> Netlink::set_alias(const std::string& name, const std::string& alias) {
  return socket_->change(name, "set the alias of link '" + name + "'",
                         [&alias](rtnl_link* link) { rtnl_link_set_ifalias(link, alias.c_str()); });
}

Result<> Netlink::set_mac(const std::string& name, const std::string& mac) {
  const NlAddress address = TRY(parse_address(mac, AF_LLC));
  return socket_->change(name, "set the MAC of link '" + name + "' to " + mac,
                         [&address](rtnl_link* link) { rtnl_link_set_addr(link, address.get()); });
}

Result<std::vector<Link>> Netlink::links() {
  nl_cache* raw = nullptr;
  TRY(socket_->answer(rtnl_link_alloc_cache(socket_->handle.get(), AF_UNSPEC, &raw), "list links"));
  const NlCache cache(raw);
  std::vector<Link> result;
  for (nl_object* row = nl_cache_get_first(raw); row != nullptr; row = nl_cache_get_next(row)) {
    result.push_back(to_link(raw, reinterpret_cast<rtnl_link*>(row)));
  }
  return result;
}

Result<Link> Netlink::link(const std::string& name) {
  TRY(check_name(name));
  for (Link& link : TRY(links())) {
    if (link.name == name) return std::move(link);
  }
  return Error{Errc::kNotFound, "there is no link '" + name + "'"};
}

Result<std::uint64_t> Netlink::dropped_packets(const std::string& name) {
  rtnl_link* link = nullptr;
  TRY(socket_->answer(rtnl_link_get_kernel(socket_->handle.get(), 0, name.c_str(), &link),
                      "read the counters of link '" + name + "'"));
  const LinkPtr owner(link);
  return std::uint64_t{rtnl_link_get_stat(link, RTNL_LINK_TX_DROPPED)};
}

Result<std::uint64_t> Netlink::packets_inside(const std::string& name) {
  rtnl_link* link = nullptr;
  TRY(socket_->answer(rtnl_link_get_kernel(socket_->handle.get(), 0, name.c_str(), &link),
                      "read the counters of link '" + name + "'"));
  const LinkPtr owner(link);
  const std::uint64_t in = rtnl_link_get_stat(link, RTNL_LINK_RX_PACKETS);
  const std::uint64_t out = rtnl_link_get_stat(link, RTNL_LINK_TX_PACKETS) +
                            rtnl_link_get_stat(link, RTNL_LINK_RX_DROPPED);
  return in - std::min(in, out);
}

}  // namespace squall
