// What `--dry-run` prints: the compiled desired state of every plane of one node.  Pure.
#pragma once

#include <span>
#include <string>

#include "agent/agent_config.h"
#include "agent/planes/leased_fault.h"

namespace squall {

// The faults' effects on `config.node`, in start order; faults that do nothing there are left out.
// Event effects are left out as well: they are no state.
[[nodiscard]] Result<std::vector<LeasedFault>> active_on(const AgentConfig& config,
                                                         std::span<const Fault> faults);
// "network:\n  cut: drop from …\nprocess:\n  etcd: stopped\n"; planes without state are left out.
[[nodiscard]] Result<std::string> desired_text(const AgentConfig& config,
                                               std::span<const Fault> faults);
// The same and the nftables transaction that installs it, lease 5 s.
[[nodiscard]] Result<std::string> desired_nft(const AgentConfig& config,
                                              std::span<const Fault> faults);

}  // namespace squall
