// network.partition: packets between two groups of nodes are dropped at the receiver.
#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "injectors/rows.h"

namespace squall {
namespace {

constexpr std::array<ParamSpec, 1> kParams = {{
    {"direction", ParamType::kChoice, "both",
     "both: each side loses what the other sends ('between'); one-way: only the second side loses "
     "what the first sends ('from' and 'to')",
     "both|one-way"},
}};

Result<> check_side(const std::vector<Target>& side, const HostFacts& host) {
  if (side.empty()) return Error{Errc::kInvalid, "a side of the partition has no node"};
  std::vector<std::string> known;
  for (const NodeName& node : host.nodes) known.push_back(node.get());
  for (const Target& target : side) {
    if (!target.process.get().empty()) {
      return Error{
          Errc::kInvalid,
          "'" + to_text(target) + "' is a process, and a partition parts nodes; name the node"};
    }
    if (std::find(known.begin(), known.end(), target.node.get()) == known.end()) {
      return Error{Errc::kInvalid, "there is no node '" + target.node.get() + "'" +
                                       suggestion(target.node.get(), known)};
    }
  }
  return {};
}

Result<> check_sides(const Fault& fault, const HostFacts& host) {
  if (fault.sides.size() != 2) {
    return Error{Errc::kInvalid, "a partition has two sides; write 'between: [A, B]'"};
  }
  for (const std::vector<Target>& side : fault.sides) TRY(check_side(side, host));
  for (const Target& target : fault.sides[0]) {
    const std::vector<Target>& other = fault.sides[1];
    if (std::find(other.begin(), other.end(), target) != other.end()) {
      return Error{Errc::kInvalid, "'" + to_text(target) + "' stands on both sides"};
    }
  }
  return {};
}

void drop_at_each(const std::vector<Target>& receivers, const std::vector<Target>& senders,
                  std::vector<TargetedEffect>& effects) {
  DropFrom drop;
  for (const Target& sender : senders) drop.peers.push_back(sender.node);
  for (const Target& receiver : receivers) effects.push_back({receiver.node, drop});
}

Result<std::vector<TargetedEffect>> partition_effects(const Fault& fault, const HostFacts& host) {
  TRY(check_sides(fault, host));
  std::vector<TargetedEffect> effects;
  if (fault.params.text("direction") == "both") {
    drop_at_each(fault.sides[0], fault.sides[1], effects);
  }
  drop_at_each(fault.sides[1], fault.sides[0], effects);
  return effects;
}

}  // namespace

InjectorRow network_partition_row() {
  return {
      .kind = "network.partition",
      .plane = "network",
      .help = "Drops every packet between two groups of nodes, both ways or one way.",
      .explain =
          "Each receiver drops what the other side sends, in nftables before connection tracking: "
          "IPv4 and IPv6, established connections included.  The sender sees silence, never an "
          "error (a drop where it sends would show as EPERM).  Evidence: probe datagrams across "
          "the cut and across an uncut pair, and counters of the stack's own dropped packets.  Not "
          "covered: traffic that never meets the host's IP stack (RDMA, shared memory, Unix "
          "sockets, routing by eBPF).",
      .aim = Aim::kNodePairs,
      .is_event = false,
      .params = kParams,
      .effects = partition_effects,
  };
}

}  // namespace squall
