// The text of nftables transactions.
#include "agent/planes/network_transaction.h"

#include <algorithm>
#include <cctype>

#include "base/digest.h"

namespace squall {
namespace {

constexpr std::size_t kDigestChars = 8;
// Longer names would not fit nftables' limit with our suffixes; they are cut and told apart by
// their digest.
constexpr std::size_t kMaxSymbol = 64;

// What nft calls a duration.
std::string timeout_text(Duration lease) {
  return std::to_string(duration_cast<std::chrono::milliseconds>(lease).count()) + "ms";
}

// True with the given chance in millionths.
std::string dice(const char* comparison, std::uint32_t millionths) {
  return "numgen random mod " + std::to_string(kMillion) + " " + comparison + " " +
         std::to_string(millionths);
}

std::string set_mark(std::uint32_t mark) {
  return "meta mark set meta mark or " + std::to_string(mark);
}

std::string has_mark(std::uint32_t mark) {
  return "meta mark and " + std::to_string(mark) + " == " + std::to_string(mark);
}

// The first slots have a bit each, the others none.
std::uint32_t mark_of(std::size_t slot) {
  constexpr std::size_t kBits = 32 - kSlotShift;
  if (slot >= kBits) return kSteerMark;
  return kSteerMark | ((1U << kSlotShift << slot) & kSlotMask);
}

// What a fault has for itself, by name.  Its own name stands in the middle of them all, between a
// prefix and a suffix, so that no two faults' names can meet.
struct Parts {
  std::vector<std::string> chains;
  std::vector<std::string> sets;
  std::vector<std::string> counters;
};
Parts parts_of(const std::string& name) {
  return {.chains = {name},
          .sets = {name + "_lease", name + "_v4", name + "_v6"},
          .counters = {name + "_probes", name + "_packets"}};
}
Parts parts_of_loss(const std::string& name, const LossSpec& loss) {
  Parts parts = parts_of(name);
  parts.chains.push_back("lose_" + name);
  if (loss.is_burst()) parts.sets.insert(parts.sets.end(), {name + "_bad4", name + "_bad6"});
  for (const char* suffix : {"_probes", "_packets"}) {
    parts.counters.push_back("lost_" + name + suffix);
  }
  return parts;
}

class Transaction {
 public:
  explicit Transaction(const NetworkTable& table)
      : in_table_(" inet " + table.name),
        is_probe_("udp dport " + std::to_string(table.probe_port) + " ") {}

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
  void arm(const FaultPeers& peers, Duration lease) {
    const std::string name = nft_symbol(peers.fault);
    line("add element", name + "_lease { 1 timeout " + timeout_text(lease) + " }");
    fill(name + "_v4", peers.ipv4, lease);
    fill(name + "_v6", peers.ipv6, lease);
  }
  void renew(const FaultPeers& peers, Duration lease) {
    const std::string name = nft_symbol(peers.fault);
    line("delete element", name + "_lease { 1 }");
    line("flush set", name + "_v4");
    line("flush set", name + "_v6");
    arm(peers, lease);
  }

  // A cut or a delay: the fault's own chain counts.
  void create(const FaultPeers& peers) {
    const std::string name = nft_symbol(peers.fault);
    declare(parts_of(name));
    line("add rule", name + " " + is_probe_ + "counter name " + name + "_probes return");
    line("add rule", name + " counter name " + name + "_packets");
  }
  void create(const FaultLoss& fault) {
    const std::string name = nft_symbol(fault.from.fault);
    const LossSpec& loss = fault.loss;
    declare(parts_of_loss(name, loss));
    line("add rule", name + " counter name " + name + "_packets");
    line("add rule", name + " " + is_probe_ + "counter name " + name + "_probes");
    if (loss.is_burst()) {
      line("add rule", name + " ip saddr @" + name + "_bad4 goto lose_" + name);
      line("add rule", name + " ip6 saddr @" + name + "_bad6 goto lose_" + name);
    }
    if (loss.enter < kMillion) line("add rule", name + " " + dice(">=", loss.enter) + " return");
    if (loss.is_burst()) {
      line("add rule", name + " add @" + name + "_bad4 { ip saddr }");
      line("add rule", name + " add @" + name + "_bad6 { ip6 saddr }");
    }
    line("add rule", name + " goto lose_" + name);
    create_lose(name, loss);
  }
  void destroy(const Parts& parts) {
    for (const std::string& chain : parts.chains) line("flush chain", chain);
    for (const std::string& chain : parts.chains) line("delete chain", chain);
    for (const std::string& set : parts.sets) line("delete set", set);
    for (const std::string& counter : parts.counters) line("delete counter", counter);
  }

  // Every cut counts a packet before any of them drops it: two faults that cut the same link are
  // both seen at work.  Neighbour discovery passes, since a cut behind a router would not touch it,
  // and without it the sender would get EHOSTUNREACH instead of silence.
  void write_incoming(const NetworkState& state) {
    if (!state.has_incoming()) return;
    line("add rule", "incoming icmpv6 type { 135, 136 } accept");
    for (const FaultPeers& drop : state.drops) match_each("incoming", "saddr", drop, "jump");
    for (const FaultPeers& drop : state.drops) match_each("incoming", "saddr", drop, "drop");
    for (const FaultLoss& loss : state.losses) match_each("incoming", "saddr", loss.from, "jump");
  }
  // Not what the delay line sends itself, and not neighbour discovery: its senders expect a hop
  // limit that proves a direct link.
  void write_outgoing(const NetworkState& state) {
    if (state.delays.empty()) return;
    line("add rule", "outgoing " + has_mark(kDelayedMark) + " return");
    line("add rule", "outgoing icmpv6 type { 133, 134, 135, 136, 137 } return");
    for (const FaultDelay& delay : state.delays) match_each("outgoing", "daddr", delay.to, "jump");
    for (const FaultDelay& delay : state.delays) {
      match_each("outgoing", "daddr", delay.to, set_mark(mark_of(delay.slot)));
    }
  }
  // A hook is there as long as somebody needs it, and is written afresh.
  void begin_hook(const std::string& chain, const std::string& type, bool was, bool is) {
    if (was) line("flush chain", chain);
    if (was && !is) line("delete chain", chain);
    if (!was && is) line("add chain", chain + " { " + type + "; }");
  }

 private:
  void declare(const Parts& parts) {
    for (const std::string& set : parts.sets) line("add set", set + " " + set_type(set));
    for (const std::string& counter : parts.counters) line("add counter", counter);
    for (const std::string& chain : parts.chains) line("add chain", chain);
  }
  static std::string set_type(const std::string& set) {
    if (set.ends_with("_lease")) return "{ type mark; flags timeout; }";
    const std::string type = set.ends_with('4') ? "{ type ipv4_addr; " : "{ type ipv6_addr; ";
    if (!set.ends_with("_bad4") && !set.ends_with("_bad6")) return type + "flags timeout; }";
    // Written by rules.  What a rule deletes is only marked as dead, and 16 dead ones of the same
    // sender make the next insertion fail, so the kernel must sweep often.
    return type + "size 65535; flags dynamic, timeout; timeout 1h; gc-interval 10ms; }";
  }
  void create_lose(const std::string& name, const LossSpec& loss) {
    const std::string lose = "lose_" + name;
    line("add rule", lose + " counter name lost_" + name + "_packets");
    line("add rule", lose + " " + is_probe_ + "counter name lost_" + name + "_probes");
    if (loss.is_burst()) {
      const std::string recovers = lose + " " + dice("<", loss.leave) + " delete @" + name;
      line("add rule", recovers + "_bad4 { ip saddr }");
      line("add rule", recovers + "_bad6 { ip6 saddr }");
    }
    line("add rule", lose + " drop");
  }
  void match_each(const std::string& chain, const std::string& field, const FaultPeers& peers,
                  const std::string& verdict) {
    const std::string name = nft_symbol(peers.fault);
    const std::string then = " " + verdict + (verdict == "jump" ? " " + name : "");
    line("add rule", chain + " ip " + field + " @" + name + "_v4" + then);
    line("add rule", chain + " ip6 " + field + " @" + name + "_v6" + then);
  }

  std::string in_table_;
  std::string is_probe_;
  std::string text_;
};

void destroy_what_ended(const NetworkState& before, const NetworkState& after,
                        Transaction& transaction) {
  for (const FaultPeers& drop : before.drops) {
    if (!after.contains(drop.fault)) transaction.destroy(parts_of(nft_symbol(drop.fault)));
  }
  for (const auto& [from, loss] : before.losses) {
    if (after.contains(from.fault)) continue;
    transaction.destroy(parts_of_loss(nft_symbol(from.fault), loss));
  }
  for (const FaultDelay& delay : before.delays) {
    if (!after.contains(delay.to.fault)) transaction.destroy(parts_of(nft_symbol(delay.to.fault)));
  }
}

void create_what_is_new(const NetworkState& before, const NetworkState& after, Duration lease,
                        Transaction& transaction) {
  for (const FaultPeers& drop : after.drops) {
    if (!before.contains(drop.fault)) transaction.create(drop);
  }
  for (const FaultLoss& loss : after.losses) {
    if (!before.contains(loss.from.fault)) transaction.create(loss);
  }
  for (const FaultDelay& delay : after.delays) {
    if (!before.contains(delay.to.fault)) transaction.create(delay.to);
  }
  for (const FaultPeers* peers : after.all()) {
    if (!before.contains(peers->fault)) transaction.arm(*peers, lease);
  }
}

bool is_plain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

}  // namespace

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
  if (after.is_empty()) {
    transaction.line("delete table", "");
    return std::move(transaction).text();
  }
  if (before.is_empty()) transaction.line("add table", "{ flags owner; }");
  transaction.begin_hook("incoming", "type filter hook prerouting priority -300",
                         before.has_incoming(), after.has_incoming());
  transaction.begin_hook("outgoing", "type route hook output priority -150", !before.delays.empty(),
                         !after.delays.empty());
  destroy_what_ended(before, after, transaction);
  create_what_is_new(before, after, lease, transaction);
  transaction.write_incoming(after);
  transaction.write_outgoing(after);
  return std::move(transaction).text();
}

std::string nft_renewal(const NetworkTable& table, const NetworkState& state, Duration lease) {
  Transaction transaction(table);
  for (const FaultPeers* peers : state.all()) transaction.renew(*peers, lease);
  return std::move(transaction).text();
}

}  // namespace squall
