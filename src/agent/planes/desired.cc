// Compiles a list of faults for one node.
#include "agent/planes/desired.h"

#include "agent/planes/clock_plane.h"
#include "agent/planes/network_transaction.h"
#include "agent/planes/process_plane.h"
#include "faults/lease_machine.h"
#include "injectors/injector.h"

namespace squall {
namespace {

std::string section(const std::string& plane, const std::string& state) {
  if (state.empty()) return "";
  std::string text = plane + ":\n";
  for (std::size_t begin = 0; begin < state.size();) {
    const std::size_t end = state.find('\n', begin);
    text += "  " + state.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return text;
}

}  // namespace

Result<std::vector<LeasedFault>> active_on(const AgentConfig& config,
                                           std::span<const Fault> faults) {
  HostFacts host;
  for (const auto& [name, addresses] : config.nodes) host.nodes.emplace_back(name);
  std::vector<LeasedFault> active;
  for (const Fault& fault : faults) {
    // Times stand for the order in the list.
    const auto order = static_cast<std::int64_t>(active.size());
    LeasedFault one{.fault = fault, .start = {Duration(order)}, .effects = {}};
    for (TargetedEffect& effect : TRY(effects_of(fault, host))) {
      if (effect.node == config.node && !is_event(effect.effect)) {
        one.effects.push_back(std::move(effect.effect));
      }
    }
    if (!one.effects.empty()) active.push_back(std::move(one));
  }
  return active;
}

Result<std::string> desired_text(const AgentConfig& config, std::span<const Fault> faults) {
  const std::vector<LeasedFault> active = TRY(active_on(config, faults));
  const NetworkState network = TRY(compile_network(active, config.nodes));
  const ProcessState processes = compile_processes(active, !config.cgroup_parent.empty());
  return section("network", to_text(network)) + section("process", to_text(processes)) +
         section("clock", to_text(compile_clocks(active)));
}

Result<std::string> desired_nft(const AgentConfig& config, std::span<const Fault> faults) {
  const std::vector<LeasedFault> active = TRY(active_on(config, faults));
  const NetworkState network = TRY(compile_network(active, config.nodes));
  return nft_transition(network_table(config), {}, network, kLeaseDefault);
}

}  // namespace squall
