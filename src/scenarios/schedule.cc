// The seed makes the choices: times, nodes, processes.
#include "scenarios/schedule.h"

#include <algorithm>

#include "injectors/injector.h"
#include "scenarios/placement.h"
#include "scenarios/random_draw.h"
#include "scenarios/random_values.h"
#include "scenarios/schedule_targets.h"

namespace squall {
namespace {

class Scheduler {
 public:
  explicit Scheduler(Scenario& scenario) : scenario_(scenario) {}

  Result<> resolve_workload() {
    for (WorkloadEntry& entry : scenario_.workload) {
      const std::string attempt = "workload " + entry.name;
      const std::vector<Target> nodes =
          TRY(client_nodes(entry, scenario_.topology, scenario_.seed).in(attempt));
      entry.from = TRY(listed(nodes));
      if (!entry.endpoint_nodes || entry.endpoint_nodes->is_live()) continue;
      Rng rng = Rng(scenario_.seed).split("workload/" + entry.name + "/endpoint");
      const std::vector<Target> targets =
          TRY(resolve(*entry.endpoint_nodes, world(), rng).in(attempt));
      entry.endpoint_nodes = TRY(listed(nodes_of(targets)));
    }
    return {};
  }

  Result<> resolve_timeline() {
    for (TimelineEntry& entry : scenario_.timeline) {
      TRY(resolve_entry(entry).in("fault " + entry.id.get()));
    }
    std::stable_sort(
        scenario_.timeline.begin(), scenario_.timeline.end(),
        [](const TimelineEntry& a, const TimelineEntry& b) { return start(a) < start(b); });
    return {};
  }

 private:
  // What waits for something comes last.
  static Duration start(const TimelineEntry& entry) {
    const AtTime* at = std::get_if<AtTime>(&entry.trigger);
    return at == nullptr ? Duration::max() : at->at;
  }

  [[nodiscard]] SelectorWorld world() const { return {scenario_.topology, clients_, {}, {}}; }

  Result<> resolve_entry(TimelineEntry& entry) {
    const Rng stream = Rng(scenario_.seed).split("timeline/" + entry.id.get());
    if (AtTime* at = std::get_if<AtTime>(&entry.trigger); at != nullptr && at->until) {
      Rng rng = stream.split("at");
      *at = AtTime{draw_between(at->at, *at->until, rng), std::nullopt};
    }
    const InjectorRow* row = find_injector(entry.kind);
    CHECK(row != nullptr);
    std::vector<Target> resolved;
    for (std::size_t i = 0; i < entry.sides.size(); ++i) {
      if (is_for_later(entry.sides[i], scenario_.topology)) continue;
      Rng rng = stream.split("side/" + std::to_string(i));
      const std::vector<Target> targets =
          TRY(targets_of(entry.sides[i], row->aim == Aim::kNodePairs, scenario_.topology, rng));
      entry.sides[i] = TRY(listed(targets));
      resolved.insert(resolved.end(), targets.begin(), targets.end());
    }
    return check_disjoint(std::move(resolved));
  }

  // Two sides that were drawn can meet.
  static Result<> check_disjoint(std::vector<Target> targets) {
    std::sort(targets.begin(), targets.end());
    const auto twice = std::adjacent_find(targets.begin(), targets.end());
    if (twice == targets.end()) return {};
    return Error{Errc::kInvalid, "'" + to_text(*twice) + "' is on both sides"};
  }

  Scenario& scenario_;
  std::vector<ClientProcess> clients_;
};

// When the last fault would be over: unknown starts count as the start of the timeline.
Duration planned_end(const Scenario& scenario) {
  std::map<FaultId, Duration> starts;
  // Each round settles one more link of every `after` chain.
  for (std::size_t round = 0; round <= scenario.timeline.size(); ++round) {
    for (const TimelineEntry& entry : scenario.timeline) {
      Duration start{0};
      if (const AtTime* at = std::get_if<AtTime>(&entry.trigger))
        start = at->until.value_or(at->at);
      if (const AfterFault* after = std::get_if<AfterFault>(&entry.trigger)) {
        start = starts[after->fault] + after->by;
        for (const TimelineEntry& other : scenario.timeline) {
          if (other.id == after->fault && !after->of_start) start += other.length;
        }
      }
      starts[entry.id] = start;
    }
  }
  Duration end{0};
  for (const TimelineEntry& entry : scenario.timeline) {
    end = std::max(end, starts[entry.id] + entry.length);
  }
  return std::min(end, scenario.limit);
}

// The drawn faults become ordinary ones.  All of them are over when the safety phase is, and the
// settle is the liveness phase.
Result<> resolve_random(Scenario& scenario) {
  if (!scenario.random) return {};
  std::vector<TimelineEntry> drawn = TRY(draw_timeline(scenario));
  scenario.timeline.insert(scenario.timeline.end(), drawn.begin(), drawn.end());
  scenario.duration = std::max(scenario.duration, scenario.random->length);
  scenario.settle = std::max(scenario.settle, scenario.random->liveness);
  scenario.random.reset();
  return {};
}

}  // namespace

Result<Scenario> resolve_schedule(Scenario scenario, const ResolveOptions& options) {
  scenario.seed = options.seed;
  Scheduler scheduler(scenario);
  TRY(scheduler.resolve_workload());
  TRY(resolve_random(scenario));
  if (options.is_control) {
    scenario.duration = std::max(scenario.duration, planned_end(scenario));
    scenario.timeline.clear();
    scenario.expect = Expect::kPass;
    scenario.is_control = true;
  }
  TRY(scheduler.resolve_timeline());
  return scenario;
}

}  // namespace squall
