// What a run would do, without doing it.
#include "cli/dry_run.h"

#include "agent/planes/desired.h"
#include "arena/lab_plan.h"
#include "cli/print.h"
#include "orchestrator/fault_targets.h"
#include "scenarios/placement.h"
#include "scenarios/schedule.h"
#include "workload/client.h"

namespace squall {
namespace {

void print_clients(const Scenario& scenario, const std::vector<ClientPlacement>& places) {
  print_line("\nclients");
  for (const ClientPlacement& place : places) {
    std::string ids;
    for (const std::int64_t id : place.ids) ids += (ids.empty() ? "" : ", ") + std::to_string(id);
    print_line("  " + to_text(place.target) + ": process " + ids);
  }
  print_line("\nchecks");
  for (const CheckRequest& check : scenario.checks) print_line("  " + check.to_text());
}

// The planes while this fault alone is active.
Result<> print_planes(const Scenario& scenario, const LabPlan& plan, const Fault& fault) {
  for (const NodeSpec& node : scenario.topology.nodes) {
    AgentConfig config;
    config.node = node.name;
    config.nodes = plan.addresses;
    const std::string text = TRY(desired_nft(config, {&fault, 1}));
    if (!text.empty()) print_line("  on " + node.name.get() + ":\n" + wrap_lines(text, "    "));
  }
  return {};
}

Result<> print_faults(const Scenario& scenario, const std::vector<ClientPlacement>& places) {
  const LabPlan plan = TRY(plan_lab(scenario.topology, true));
  const std::vector<ClientProcess> clients = client_processes(scenario, places);
  const SelectorWorld world{scenario.topology, clients, nullptr, nullptr};
  for (const TimelineEntry& entry : scenario.timeline) {
    print_line("\nfault " + entry.id.get());
    bool is_live = false;
    for (const Selector& side : entry.sides) is_live |= side.is_live();
    if (is_live) {
      print_line("  its targets are asked of the running stack when it fires");
      continue;
    }
    const ResolvedTargets targets = TRY(resolve_targets(entry, world, scenario.seed));
    const Fault fault{entry.id, entry.kind, targets.sides, entry.params};
    print_line("  " + to_text(fault));
    TRY(print_planes(scenario, plan, fault));
  }
  return {};
}

}  // namespace

int print_dry_run(const Scenario& scenario) {
  print_line(scenario.name + ", seed " + std::to_string(scenario.seed) + ": " + scenario.why);
  print_line("\ntimeline");
  print_text(timeline_text(scenario));
  const Result<std::vector<ClientPlacement>> places =
      place_clients(scenario, {.clients = clients()});
  if (!places) return fail(places.error());
  print_clients(scenario, *places);
  const Result<> printed = print_faults(scenario, *places);
  return printed ? 0 : fail(printed.error());
}

}  // namespace squall
