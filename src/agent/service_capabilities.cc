// Probes what each fault kind needs.
#include "agent/service_capabilities.h"

#include <sys/utsname.h>

#include "agent/delay/chosen_delay.h"
#include "agent/linux_kernel.h"
#include "injectors/injector.h"
#include "kernel/clock_skew.h"

namespace squall {
namespace {

// An owner table with a set whose elements time out: all that the network plane stands on.
Result<> try_nftables() {
  Nft nft = TRY(Nft::open());
  constexpr const char* kTable = "inet squall_probe";
  TRY(nft.run(std::string("add table ") + kTable + " { flags owner; }\nadd set " + kTable +
              " s { type mark; flags timeout; }\ndelete table " + kTable + "\n"));
  return {};
}

std::string freezer_fact(const AgentConfig& config) {
  if (config.cgroup_parent.empty()) return "none: processes are paused by SIGSTOP";
  const Result<FreezerParent> parent = freezer_parent_at(config.cgroup_parent);
  if (!parent.ok()) return "none: " + parent.error().what;
  return parent->version == CgroupVersion::kV2 ? "cgroup v2" : "cgroup v1";
}

}  // namespace

NodeCapabilities probe_capabilities(const AgentConfig& config) {
  NodeCapabilities result;
  utsname name{};
  if (::uname(&name) == 0) result.facts["kernel"] = name.release;
  result.facts["freezer"] = freezer_fact(config);
  const Result<> nftables = try_nftables();
  const Result<std::string> delays = try_delays();
  result.facts["delays"] = delays.ok() ? *delays : "none: " + delays.error().what;
  const Result<> clocks = check_clock_skew();
  for (const InjectorRow& row : injectors()) {
    if (row.plane == "network" && !nftables.ok()) {
      result.missing[std::string(row.kind)] =
          nftables.error().what + "; it needs nftables of Linux 5.12 or later and CAP_NET_ADMIN";
    } else if (row.kind == "network.delay" && !delays.ok()) {
      result.missing[std::string(row.kind)] = "no way to delay packets: " + delays.error().what;
    } else if (row.plane == "clock" && !clocks.ok()) {
      result.missing[std::string(row.kind)] = clocks.error().what;
    } else {
      result.kinds.emplace_back(row.kind);
    }
  }
  return result;
}

}  // namespace squall
