// The fold over partitions, and its text for nftables.
#include "agent/planes/network_plane.h"

#include <algorithm>
#include <cctype>

#include "base/digest.h"

namespace squall {
namespace {

constexpr std::size_t kDigestChars = 8;
// Longer names would not fit nftables' limit with our suffixes; they are cut and told apart by
// their digest.
constexpr std::size_t kMaxSymbol = 64;

std::string join(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// What nft calls a duration.
std::string timeout_text(Duration lease) {
  return std::to_string(duration_cast<std::chrono::milliseconds>(lease).count()) + "ms";
}

class Transaction {
 public:
  explicit Transaction(const NetworkTable& table) : in_table_(" inet " + table.name) {}

  void line(const std::string& verb, const std::string& rest) {
    text_ += verb + in_table_ + (rest.empty() ? "" : " " + rest) + "\n";
  }
  [[nodiscard]] std::string text() && { return std::move(text_); }

  void fill(const std::string& set, const std::set<std::string>& addresses, Duration lease) {
    if (addresses.empty()) return;
    std::string elements;
    for (const std::string& address : addresses) {
      elements += (elements.empty() ? "" : ", ") + address + " timeout " + timeout_text(lease);
    }
    line("add element", set + " { " + elements + " }");
  }
  void arm(const FaultDrop& drop, Duration lease) {
    const std::string name = nft_symbol(drop.fault);
    line("add element", name + "_lease { 1 timeout " + timeout_text(lease) + " }");
    fill(name + "_v4", drop.ipv4, lease);
    fill(name + "_v6", drop.ipv6, lease);
  }
  void create(const FaultDrop& drop, int probe_port) {
    const std::string name = nft_symbol(drop.fault);
    line("add set", name + "_lease { type mark; flags timeout; }");
    line("add set", name + "_v4 { type ipv4_addr; flags timeout; }");
    line("add set", name + "_v6 { type ipv6_addr; flags timeout; }");
    line("add counter", name + "_probes");
    line("add counter", name + "_packets");
    line("add chain", name);
    line("add rule", name + " udp dport " + std::to_string(probe_port) + " counter name " + name +
                         "_probes return");
    line("add rule", name + " counter name " + name + "_packets");
  }
  void destroy(const FaultDrop& drop) {
    const std::string name = nft_symbol(drop.fault);
    line("flush chain", name);
    line("delete chain", name);
    for (const char* set : {"_lease", "_v4", "_v6"}) line("delete set", name + set);
    for (const char* counter : {"_probes", "_packets"}) line("delete counter", name + counter);
  }
  // Every fault counts a packet before any of them drops it: two faults that cut the same link are
  // both seen at work.  Neighbour discovery passes, since a cut behind a router would not touch it,
  // and without it the sender would get EHOSTUNREACH instead of silence.
  void write_incoming(const NetworkState& state) {
    line("add rule", "incoming icmpv6 type { 135, 136 } accept");
    for (const FaultDrop& drop : state.drops) {
      const std::string name = nft_symbol(drop.fault);
      line("add rule", "incoming ip saddr @" + name + "_v4 jump " + name);
      line("add rule", "incoming ip6 saddr @" + name + "_v6 jump " + name);
    }
    for (const FaultDrop& drop : state.drops) {
      const std::string name = nft_symbol(drop.fault);
      line("add rule", "incoming ip saddr @" + name + "_v4 drop");
      line("add rule", "incoming ip6 saddr @" + name + "_v6 drop");
    }
  }

 private:
  std::string in_table_;
  std::string text_;
};

Result<> add_peers(const DropFrom& drop, const std::map<std::string, NodeAddresses>& nodes,
                   FaultDrop& into) {
  for (const NodeName& peer : drop.peers) {
    const auto found = nodes.find(peer.get());
    if (found == nodes.end() || (found->second.ipv4.empty() && found->second.ipv6.empty())) {
      return Error{Errc::kInvalid, "node '" + peer.get() + "' has no address here"};
    }
    if (!found->second.ipv4.empty()) into.ipv4.insert(found->second.ipv4);
    if (!found->second.ipv6.empty()) into.ipv6.insert(found->second.ipv6);
  }
  return {};
}

bool is_plain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

}  // namespace

const FaultDrop* NetworkState::find(const FaultId& fault) const {
  const auto found = std::find_if(drops.begin(), drops.end(),
                                  [&](const FaultDrop& drop) { return drop.fault == fault; });
  return found == drops.end() ? nullptr : &*found;
}

Result<NetworkState> compile_network(std::span<const LeasedFault> active,
                                     const std::map<std::string, NodeAddresses>& nodes) {
  std::vector<LeasedFault> ordered(active.begin(), active.end());
  std::sort(ordered.begin(), ordered.end(), folds_before);
  NetworkState state;
  for (const LeasedFault& fault : ordered) {
    FaultDrop drop{.fault = fault.fault.id, .ipv4 = {}, .ipv6 = {}};
    for (const Effect& effect : fault.effects) {
      if (const auto* from = std::get_if<DropFrom>(&effect)) TRY(add_peers(*from, nodes, drop));
    }
    if (!drop.ipv4.empty() || !drop.ipv6.empty()) state.drops.push_back(std::move(drop));
  }
  return state;
}

std::string to_text(const NetworkState& state) {
  std::string text;
  for (const FaultDrop& drop : state.drops) {
    const bool has_both = !drop.ipv4.empty() && !drop.ipv6.empty();
    text += drop.fault.get() + ": drop from " + join(drop.ipv4) + (has_both ? ", " : "") +
            join(drop.ipv6) + "\n";
  }
  return text;
}

NetworkTable network_table(const AgentConfig& config) {
  return {"squall_" + nft_symbol(FaultId(config.node.get())).substr(2), config.probe_port};
}

std::string nft_symbol(const FaultId& fault) {
  std::string name = fault.get().substr(0, kMaxSymbol);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !is_plain(c); }, '_');
  if (name != fault.get()) {
    Digest digest;
    digest.add(fault.get());
    name += "_" + digest.hex().substr(0, kDigestChars);
  }
  return "f_" + name;
}

std::string nft_transition(const NetworkTable& table, const NetworkState& before,
                           const NetworkState& after, Duration lease) {
  if (before == after) return "";
  Transaction transaction(table);
  if (after.drops.empty()) {
    transaction.line("delete table", "");
    return std::move(transaction).text();
  }
  if (before.drops.empty()) {
    transaction.line("add table", "{ flags owner; }");
    transaction.line("add chain", "incoming { type filter hook prerouting priority -300; }");
  } else {
    transaction.line("flush chain", "incoming");
  }
  for (const FaultDrop& drop : before.drops) {
    if (after.find(drop.fault) == nullptr) transaction.destroy(drop);
  }
  for (const FaultDrop& drop : after.drops) {
    if (before.find(drop.fault) != nullptr) continue;
    transaction.create(drop, table.probe_port);
    transaction.arm(drop, lease);
  }
  transaction.write_incoming(after);
  return std::move(transaction).text();
}

std::string nft_renewal(const NetworkTable& table, const NetworkState& state, Duration lease) {
  Transaction transaction(table);
  for (const FaultDrop& drop : state.drops) {
    const std::string name = nft_symbol(drop.fault);
    transaction.line("delete element", name + "_lease { 1 }");
    transaction.line("flush set", name + "_v4");
    transaction.line("flush set", name + "_v6");
    transaction.arm(drop, lease);
  }
  return std::move(transaction).text();
}

}  // namespace squall
