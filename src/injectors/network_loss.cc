// network.loss: packets between two groups of nodes are lost by chance, alone or in bursts.
#include <array>

#include "injectors/on_node_pair.h"
#include "injectors/rows.h"

namespace squall {
namespace {

// The mean burst of the burst model where none is given.
constexpr double kDefaultBurst = 5;
constexpr double kMaxBurst = 1000;

constexpr std::array<ParamSpec, 4> kParams = {{
    {"loss", ParamType::kPercent, kRequired,
     "how many of the packets are lost in the long run, 0.0001% to 100%", ""},
    {"model", ParamType::kChoice, "random",
     "random: each packet by itself; burst: several in a row (Gilbert's two states)",
     "random|burst"},
    {"burst", ParamType::kNumber, "",
     "the mean length of a burst in packets, above 1 and up to 1000; 5 unless given; only with "
     "'model: burst'",
     ""},
    {"direction", ParamType::kChoice, "both",
     "both: each side loses some of what the other sends ('between'); one-way: only the second "
     "side "
     "loses some of what the first sends ('from' and 'to')",
     "both|one-way"},
}};

Result<double> burst_length(const Fault& fault) {
  const bool is_given = fault.params.has("burst");
  if (fault.params.text("model") == "random") {
    if (is_given) return Error{Errc::kInvalid, "'burst' does nothing without 'model: burst'"};
    return 1.0;
  }
  const double burst = is_given ? fault.params.number("burst") : kDefaultBurst;
  if (burst > 1 && burst <= kMaxBurst) return burst;
  return Error{Errc::kInvalid, "'burst' of " + fault.params.text("burst") +
                                   " is outside 1 to 1000 packets; it must be more than 1"};
}

void lose_at_each(const std::vector<Target>& receivers, const std::vector<Target>& senders,
                  const LossSpec& spec, std::vector<TargetedEffect>& effects) {
  const LoseFrom lose{.peers = node_names(senders), .loss = spec};
  for (const Target& receiver : receivers) effects.push_back({receiver.node, lose});
}

Result<std::vector<TargetedEffect>> loss_effects(const Fault& fault, const HostFacts& host) {
  TRY(check_node_pair(fault, host));
  const double burst = TRY(burst_length(fault));
  const LossSpec spec = TRY(make_loss(fault.params.percent("loss"), burst));
  std::vector<TargetedEffect> effects;
  if (fault.params.text("direction") == "both") {
    lose_at_each(fault.sides[0], fault.sides[1], spec, effects);
  }
  lose_at_each(fault.sides[1], fault.sides[0], spec, effects);
  return effects;
}

}  // namespace

InjectorRow network_loss_row() {
  return {
      .kind = "network.loss",
      .plane = "network",
      .help = "Loses some of the packets between two groups of nodes, alone or in bursts.",
      .explain =
          "Each receiver throws dice for what the other side sends, in nftables before connection "
          "tracking: IPv4 and IPv6, established connections included; the sender sees silence.  "
          "The dice are the kernel's, so two runs lose different packets.  Bursts follow Gilbert's "
          "model, kept per sender in a set of the kernel: a good state that loses nothing, a bad "
          "one that loses everything.  Several faults on a link each throw their own dice: 10% and "
          "10% are 19%; what a partition cuts reaches no dice.  A packet here is what the kernel "
          "handles as one: segments of TCP that it carries together are lost together.  Evidence: "
          "the rules read back, and the share of counted packets that was lost, whose distance "
          "from what was asked for must be within five standard deviations.  Not covered: "
          "neighbour discovery, and traffic that never meets the host's IP stack.",
      .aim = Aim::kNodePairs,
      .is_event = false,
      .params = kParams,
      .effects = loss_effects,
  };
}

}  // namespace squall
