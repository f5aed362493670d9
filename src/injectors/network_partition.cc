// network.partition: packets between two groups of nodes are dropped at the receiver.
#include <array>

#include "injectors/on_node_pair.h"
#include "injectors/rows.h"

namespace squall {
namespace {

constexpr std::array<ParamSpec, 1> kParams = {{
    {"direction", ParamType::kChoice, "both",
     "both: each side loses what the other sends ('between'); one-way: only the second side loses "
     "what the first sends ('from' and 'to')",
     "both|one-way"},
}};

void drop_at_each(const std::vector<Target>& receivers, const std::vector<Target>& senders,
                  std::vector<TargetedEffect>& effects) {
  const DropFrom drop{node_names(senders)};
  for (const Target& receiver : receivers) effects.push_back({receiver.node, drop});
}

Result<std::vector<TargetedEffect>> partition_effects(const Fault& fault, const HostFacts& host) {
  TRY(check_node_pair(fault, host));
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
