// network.delay: packets between two groups of nodes leave late.
#include <array>

#include "injectors/on_node_pair.h"
#include "injectors/rows.h"

namespace squall {
namespace {

constexpr std::array<ParamSpec, 5> kParams = {{
    {"delay", ParamType::kDuration, kRequired,
     "how much later each packet leaves, 100us to 60s; with 'between' a round trip pays it twice",
     ""},
    {"jitter", ParamType::kDuration, "0ms",
     "how far the delays of packets scatter, at most the delay: the range to both sides of the "
     "uniform distribution, the standard deviation of the others",
     ""},
    {"correlation", ParamType::kPercent, "0%",
     "how much a packet's delay resembles that of the packet before it, below 100%", ""},
    {"distribution", ParamType::kChoice, "uniform",
     "how the delays scatter; pareto (shape 3) has the mean 'delay' and a long tail to the late "
     "side",
     kDelayShapes},
    {"direction", ParamType::kChoice, "both",
     "both: each side is late to the other ('between'); one-way: only what the first side sends to "
     "the second ('from' and 'to')",
     "both|one-way"},
}};

Result<DelaySpec> delay_of(const Fault& fault) {
  const DelaySpec spec{.delay = fault.params.duration("delay"),
                       .jitter = fault.params.duration("jitter"),
                       .correlation = fault.params.percent("correlation"),
                       .shape = TRY(parse_delay_shape(fault.params.text("distribution")))};
  TRY(check_delay(spec));
  return spec;
}

void delay_at_each(const std::vector<Target>& senders, const std::vector<Target>& receivers,
                   const DelaySpec& spec, std::vector<TargetedEffect>& effects) {
  const DelayTo delay{.peers = node_names(receivers), .delay = spec};
  for (const Target& sender : senders) effects.push_back({sender.node, delay});
}

Result<std::vector<TargetedEffect>> delay_effects(const Fault& fault, const HostFacts& host) {
  TRY(check_node_pair(fault, host));
  const DelaySpec spec = TRY(delay_of(fault));
  std::vector<TargetedEffect> effects;
  delay_at_each(fault.sides[0], fault.sides[1], spec, effects);
  if (fault.params.text("direction") == "both") {
    delay_at_each(fault.sides[1], fault.sides[0], spec, effects);
  }
  return effects;
}

}  // namespace

InjectorRow network_delay_row() {
  return {
      .kind = "network.delay",
      .plane = "network",
      .help = "Makes every packet between two groups of nodes late, both ways or one way.",
      .explain =
          "Each sender marks its packets to the other side (IPv4 and IPv6, established "
          "connections included) in nftables.  Where the kernel has netem, a filter before "
          "the device's own queueing discipline, which stays as it is, leads them through a "
          "netem of ours; else a route leads them into a TUN device, where a process of the "
          "agent holds them and sends them on through a raw socket.  The latter also stands "
          "in for a correlation, for more than four delays at once on a node, and where "
          "somebody else filters what leaves the device.  It adds to the delay that the link "
          "has already, and delays of several faults add; packets overtake each other when "
          "the jitter is larger than their distance.  At the end no packet is dropped: those "
          "that wait still leave when they are due.  If the agent dies, packets take their "
          "normal path at once; if it hangs, or what holds the packets does, they do so when "
          "the lease ends.  Evidence: one-way probes before, during and after, and counters; "
          "a packet lost in the queue makes the run invalid.  Needs netem, sch_prio, cls_fw "
          "and ifb, or /dev/net/tun.  Not covered: packets that the node forwards for others, "
          "neighbour discovery, multicast, traffic that never meets the host's IP stack; "
          "marks that the stack itself puts on packets are lost in the TUN device.",
      .aim = Aim::kNodePairs,
      .is_event = false,
      .params = kParams,
      .effects = delay_effects,
  };
}

}  // namespace squall
