// Asks skewed processes what time it is.
#include "orchestrator/told_clock_rows.h"

#include "scenarios/placeholders.h"
#include "workload/ask_clock.h"

namespace squall {
namespace {

constexpr Duration kAskTimeout = std::chrono::milliseconds(600);
// A header is cut to whole seconds, and an answer takes its time.
constexpr Duration kTolerance = std::chrono::seconds(2);

std::string signed_text(Duration offset) {
  return (offset < Duration(0) ? "-" : "") + to_short_text(std::chrono::abs(offset));
}

std::map<std::string, ExpandAddress> expand_addresses(Arena& arena) {
  std::map<std::string, ExpandAddress> all;
  for (const auto& [node, addresses] : arena.addresses()) {
    all[node] = {addresses.ipv4, addresses.ipv6};
  }
  return all;
}

// With its placeholders replaced, as on that node.
Result<ToldClock> on_node(ToldClock clock, const ExpandContext& context) {
  clock.http = TRY(expand(clock.http, context));
  clock.tcp = TRY(expand(clock.tcp, context));
  return clock;
}

}  // namespace

Duration skew_of(const Target& process, const std::vector<TargetedEffect>& active) {
  Duration sum{0};
  for (const TargetedEffect& targeted : active) {
    const auto* skew = std::get_if<SkewClock>(&targeted.effect);
    if (skew == nullptr || targeted.node != process.node) continue;
    if (skew->process == process.process) sum += skew->offset;
  }
  return sum;
}

EvidenceRow told_clock_row(const Target& process, const std::string& what, Duration expected,
                           Duration told) {
  EvidenceRow row;
  row.grade = "installed";
  row.node = process.node.get();
  row.what = what + " of " + to_text(process);
  row.expected = signed_text(expected) + " ± " + to_short_text(kTolerance);
  row.observed = signed_text(told);
  row.holds = std::chrono::abs(told - expected) <= kTolerance;
  return row;
}

std::vector<EvidenceRow> told_clock_rows(Arena& arena, const Topology& topology,
                                         const std::vector<TargetedEffect>& own,
                                         const std::vector<TargetedEffect>& active) {
  std::vector<EvidenceRow> rows;
  for (const TargetedEffect& targeted : own) {
    const auto* skew = std::get_if<SkewClock>(&targeted.effect);
    if (skew == nullptr) continue;
    const ProcessSpec* spec = find_process(topology, skew->process);
    const std::optional<ToldClock> told = spec == nullptr ? std::nullopt : told_clock(*spec);
    if (!told) continue;
    const Result<ToldClock> clock =
        on_node(*told, {topology, targeted.node, "", expand_addresses(arena)});
    if (!clock.ok()) continue;
    const Result<Duration> offset = ask_clock(*clock, arena.node_netns(targeted.node), kAskTimeout);
    if (!offset.ok()) continue;
    const Target process{targeted.node, skew->process};
    rows.push_back(told_clock_row(process, told->what, skew_of(process, active), *offset));
  }
  return rows;
}

}  // namespace squall
