// The fold over partitions, losses and delays.
#include "agent/planes/network_plane.h"

#include <algorithm>

namespace squall {
namespace {

std::string join(const FaultPeers& peers) {
  std::string text;
  for (const auto* addresses : {&peers.ipv4, &peers.ipv6}) {
    for (const std::string& address : *addresses) text += (text.empty() ? "" : ", ") + address;
  }
  return text;
}

Result<FaultPeers> peers_of(const FaultId& fault, const std::vector<NodeName>& peers,
                            const std::map<std::string, NodeAddresses>& nodes) {
  FaultPeers result{.fault = fault, .ipv4 = {}, .ipv6 = {}};
  for (const NodeName& peer : peers) {
    const auto found = nodes.find(peer.get());
    if (found == nodes.end() || (found->second.ipv4.empty() && found->second.ipv6.empty())) {
      return Error{Errc::kInvalid, "node '" + peer.get() + "' has no address here"};
    }
    if (!found->second.ipv4.empty()) result.ipv4.insert(found->second.ipv4);
    if (!found->second.ipv6.empty()) result.ipv6.insert(found->second.ipv6);
  }
  return result;
}

Result<> add_effect(const FaultId& fault, const Effect& effect,
                    const std::map<std::string, NodeAddresses>& nodes, NetworkState& state) {
  if (const auto* drop = std::get_if<DropFrom>(&effect)) {
    state.drops.push_back(TRY(peers_of(fault, drop->peers, nodes)));
  } else if (const auto* lose = std::get_if<LoseFrom>(&effect)) {
    state.losses.push_back({TRY(peers_of(fault, lose->peers, nodes)), lose->loss});
  } else if (const auto* delay = std::get_if<DelayTo>(&effect)) {
    state.delays.push_back(
        {.to = TRY(peers_of(fault, delay->peers, nodes)), .delay = delay->delay});
  }
  return {};
}

}  // namespace

std::vector<const FaultPeers*> NetworkState::all() const {
  std::vector<const FaultPeers*> peers;
  for (const FaultPeers& drop : drops) peers.push_back(&drop);
  for (const FaultLoss& loss : losses) peers.push_back(&loss.from);
  for (const FaultDelay& delay : delays) peers.push_back(&delay.to);
  return peers;
}

bool NetworkState::contains(const FaultId& fault) const {
  const std::vector<const FaultPeers*> peers = all();
  return std::any_of(peers.begin(), peers.end(),
                     [&](const FaultPeers* one) { return one->fault == fault; });
}

NetworkState NetworkState::only(const std::set<FaultId>& faults) const {
  NetworkState kept = *this;
  std::erase_if(kept.drops, [&](const FaultPeers& one) { return !faults.contains(one.fault); });
  std::erase_if(kept.losses,
                [&](const FaultLoss& one) { return !faults.contains(one.from.fault); });
  std::erase_if(kept.delays, [&](const FaultDelay& one) { return !faults.contains(one.to.fault); });
  return kept;
}

Result<NetworkState> compile_network(std::span<const LeasedFault> active,
                                     const std::map<std::string, NodeAddresses>& nodes) {
  std::vector<LeasedFault> ordered(active.begin(), active.end());
  std::sort(ordered.begin(), ordered.end(), folds_before);
  NetworkState state;
  for (const LeasedFault& fault : ordered) {
    for (const Effect& effect : fault.effects) {
      TRY(add_effect(fault.fault.id, effect, nodes, state));
    }
  }
  return state;
}

std::string to_text(const NetworkState& state) {
  std::string text;
  for (const FaultPeers& drop : state.drops) {
    text += drop.fault.get() + ": drop from " + join(drop) + "\n";
  }
  for (const auto& [from, loss] : state.losses) {
    text += from.fault.get() + ": lose " + to_text(loss) + " from " + join(from) + "\n";
  }
  for (const auto& [to, delay, slot] : state.delays) {
    text += to.fault.get() + ": delay " + to_text(delay) + " to " + join(to) + "\n";
  }
  return text;
}

}  // namespace squall
