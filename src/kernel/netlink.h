// Links, addresses, routes and policy rules over rtnetlink, bound to one network namespace.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "kernel/ip_family.h"

namespace squall {

// RT_TABLE_MAIN.
inline constexpr std::uint32_t kMainTable = 254;

// `= {}` throughout lets a designated initialiser leave strings out without a warning.
struct Link {
  int index = 0;
  std::string name = {};
  std::string kind = {};    // "bridge", "veth", "tun", …; empty for hardware and loopback
  std::string mac = {};     // "02:00:c6:12:00:01", or empty
  std::string master = {};  // the bridge it is a port of, or empty
  std::uint32_t mtu = 0;
  bool is_up = false;       // somebody set it up
  bool is_running = false;  // and it passes packets; a veth does a moment after both ends are up
  std::string alias = {};   // free text of at most 255 bytes that the kernel keeps with the link
  friend bool operator==(const Link&, const Link&) = default;
};

struct LinkAddress {
  std::string link = {};
  std::string prefix = {};  // "198.18.0.1/16", "fd00::1/64"
  friend bool operator==(const LinkAddress&, const LinkAddress&) = default;
};

struct Route {
  std::string to = {};    // "198.18.4.0/24", "fd00:4::/64", "0.0.0.0/0", "::/0"
  std::string via = {};   // a gateway, or empty
  std::string link = {};  // a device, or empty when the gateway decides
  std::uint32_t table = kMainTable;
  std::uint32_t metric = 0;  // 0: the kernel's default (1024 for IPv6)
  friend bool operator==(const Route&, const Route&) = default;
};

// Packets that match every non-empty field are routed by `table`.
struct PolicyRule {
  IpFamily family = IpFamily::kV4;
  std::uint32_t priority = 0;  // lower is asked first; must not be 0
  std::uint32_t table = 0;
  std::string iif = {};   // "lo" means: made on this host
  std::string from = {};  // prefixes
  std::string to = {};
  std::uint32_t mark = 0;  // with mark_mask 0: any mark
  std::uint32_t mark_mask = 0;
  friend bool operator==(const PolicyRule&, const PolicyRule&) = default;
};

// One rtnetlink socket.  It speaks to the namespace in which it was opened, whatever the thread
// does later.  Every call waits for the kernel's answer.  Not for two threads at once.
// Removing what is not there succeeds; adding a link or an address twice is an error.
class Netlink {
 public:
  // In the calling thread's namespace, or in `netns`.
  static Result<Netlink> open();
  static Result<Netlink> open(const Fd& netns);
  Netlink(Netlink&&) noexcept;
  Netlink& operator=(Netlink&&) noexcept;
  ~Netlink();

  // Names are at most 15 bytes (IFNAMSIZ - 1), or kInvalid.
  [[nodiscard]] Result<> add_bridge(const std::string& name);
  // `name` here; its peer is born in `peer_netns`.
  [[nodiscard]] Result<> add_veth(const std::string& name, const std::string& peer_name,
                                  const Fd& peer_netns);
  // A device that sends what is redirected to it where it came from.  kUnsupported without ifb.
  [[nodiscard]] Result<> add_ifb(const std::string& name);
  [[nodiscard]] Result<> remove_link(const std::string& name);
  [[nodiscard]] Result<> move_link(const std::string& name, const Fd& netns);
  [[nodiscard]] Result<> set_up(const std::string& name);
  [[nodiscard]] Result<> set_down(const std::string& name);
  [[nodiscard]] Result<> set_master(const std::string& name, const std::string& bridge);
  // The link must be down.
  [[nodiscard]] Result<> rename(const std::string& name, const std::string& new_name);
  // How many packets may wait to be sent.
  [[nodiscard]] Result<> set_queue_length(const std::string& name, std::uint32_t packets);
  [[nodiscard]] Result<> set_mtu(const std::string& name, std::uint32_t mtu);
  [[nodiscard]] Result<> set_alias(const std::string& name, const std::string& alias);
  [[nodiscard]] Result<> set_mac(const std::string& name, const std::string& mac);
  [[nodiscard]] Result<std::vector<Link>> links();
  // kNotFound when there is none.
  [[nodiscard]] Result<Link> link(const std::string& name);
  // Packets that a link was given to send and dropped, since it exists.
  [[nodiscard]] Result<std::uint64_t> dropped_packets(const std::string& name);
  // Packets that an ifb was given and has neither sent nor dropped yet.  What it was to send of its
  // own accord counts as dropped.
  [[nodiscard]] Result<std::uint64_t> packets_inside(const std::string& name);

  // IPv6 addresses are added without duplicate-address detection: with it they lose every packet
  // for about 2 s.
  [[nodiscard]] Result<> add_address(const std::string& link, const std::string& prefix);
  [[nodiscard]] Result<> remove_address(const std::string& link, const std::string& prefix);
  [[nodiscard]] Result<std::vector<LinkAddress>> addresses();

  // Replaces a route with the same destination, table and metric.
  [[nodiscard]] Result<> put_route(const Route& route);
  [[nodiscard]] Result<> remove_route(const Route& route);
  // The index of the link through which packets without a mark leave for `ip`.  kNotFound when
  // there is no way.
  [[nodiscard]] Result<int> link_towards(const std::string& ip);
  // The unicast routes of one table, both families.
  [[nodiscard]] Result<std::vector<Route>> routes(std::uint32_t table);

  // Adding an equal rule again changes nothing.
  [[nodiscard]] Result<> put_rule(const PolicyRule& rule);
  [[nodiscard]] Result<> remove_rule(const PolicyRule& rule);
  [[nodiscard]] Result<std::vector<PolicyRule>> rules();

 private:
  friend class TrafficControl;
  struct Socket;
  explicit Netlink(std::unique_ptr<Socket> socket);
  std::unique_ptr<Socket> socket_;
};

}  // namespace squall
