// What the seed makes of `random`: kinds, values and targets; random_place.h finds their times.
#include "scenarios/random_draw.h"

#include <algorithm>
#include <cmath>

#include "injectors/injector.h"
#include "scenarios/random_place.h"
#include "scenarios/random_values.h"
#include "scenarios/schedule_targets.h"
#include "scenarios/selector_syntax.h"

namespace squall {
namespace {

constexpr int kValueAttempts = 16;
constexpr int kPlaceAttempts = 64;

// Each kind throws for itself and the smallest wins (weighted rendezvous hashing): taking a kind
// away changes only the places that it had won.
const RandomFault& draw_kind(const RandomTimeline& random, const Rng& stream) {
  const RandomFault* chosen = &random.faults.front();
  double least = HUGE_VAL;
  for (const RandomFault& fault : random.faults) {
    Rng rng = stream.split("kind/" + fault.name);
    const double thrown = -std::log(1.0 - rng.unit()) / static_cast<double>(fault.weight);
    if (thrown >= least) continue;
    least = thrown;
    chosen = &fault;
  }
  return *chosen;
}

Result<Params> draw_params(const RandomFault& fault, const InjectorRow& row, const Rng& stream) {
  std::map<std::string, std::string> texts;
  for (const ParamSpec& spec : row.params) {
    const std::string name(spec.name);
    if (name == "direction") texts[name] = fault.is_one_way ? "one-way" : "both";
    const auto drawn = fault.params.find(name);
    if (drawn == fault.params.end()) continue;
    Rng rng = stream.split("param/" + name);
    texts[name] = draw_value(drawn->second, spec, rng);
  }
  return make_params(row.params, texts);
}

// Whether the injector takes the values together (a jitter must not be over the delay, say).  Where
// the fault will point does not matter to it.
Result<> try_values(const TimelineEntry& entry, const InjectorRow& row, const Topology& topology) {
  const ProcessName process = row.aim == Aim::kProcesses ? ProcessName("x") : ProcessName();
  Fault fault{entry.id, entry.kind, {}, entry.params};
  HostFacts host;
  for (const NodeSpec& node : topology.nodes) host.nodes.push_back(node.name);
  for (std::size_t i = 0; i < entry.sides.size(); ++i) {
    const NodeSpec& node = topology.nodes[std::min(i, topology.nodes.size() - 1)];
    fault.sides.push_back({Target{node.name, process}});
  }
  TRY(row.effects(fault, host));
  return {};
}

class Drawing {
 public:
  explicit Drawing(const Scenario& scenario)
      : scenario_(scenario), random_(*scenario.random), root_(Rng(scenario.seed).split("random")) {}

  Result<std::vector<TimelineEntry>> draw() {
    Rng rng = root_.split("count");
    const auto more = static_cast<std::uint64_t>(random_.count_max - random_.count_min);
    const std::int64_t count = random_.count_min + static_cast<std::int64_t>(rng.below(more + 1));
    Places places(random_, count, root_);
    std::vector<TimelineEntry> timeline;
    for (std::int64_t number = 1; number <= count; ++number) {
      std::optional<TimelineEntry> entry = TRY(draw_one(number, places));
      if (entry) timeline.push_back(std::move(*entry));
    }
    return timeline;
  }

 private:
  Result<std::optional<TimelineEntry>> draw_one(std::int64_t number, Places& places) {
    const Rng place = root_.split(std::to_string(number));
    const RandomFault& fault = draw_kind(random_, place);
    const Rng stream = place.split(fault.name);
    const std::string id = fault.name + "-" + std::to_string(number);
    TimelineEntry entry = TRY(draw_values(fault, id, stream).in("fault " + id));
    std::optional<Error> last;
    for (int attempt = 0; attempt < kPlaceAttempts; ++attempt) {
      const Rng again = stream.split("attempt/" + std::to_string(attempt));
      Result<DrawnTargets> targets = draw_targets(fault, again);
      if (!targets) {
        last = targets.error().in("fault " + id);
        continue;
      }
      last.reset();
      const bool is_last = attempt + 1 == kPlaceAttempts;
      const std::optional<Duration> start = places.find(
          {number, active_time(entry), targets->processes, targets->hits_any}, again, is_last);
      if (!start) continue;
      entry.trigger = AtTime{*start, std::nullopt};
      if (random_.pattern == RandomPattern::kSwizzle) entry.length = places.length_of(number);
      entry.sides = std::move(targets->sides);
      return std::optional<TimelineEntry>(std::move(entry));
    }
    if (last) return *last;  // no drawing had anybody to hit
    return std::optional<TimelineEntry>();
  }

  Result<TimelineEntry> draw_values(const RandomFault& fault, const std::string& id,
                                    const Rng& stream) const {
    TimelineEntry entry;
    entry.id = FaultId(id);
    entry.kind = fault.kind;
    entry.sides = fault.sides;
    entry.is_exercise_expected = fault.is_exercise_expected;
    entry.is_consequence_expected = fault.is_consequence_expected;
    Rng length = stream.split("for");
    entry.length = draw_between(fault.length_min, fault.length_max, length);
    const InjectorRow* row = find_injector(fault.kind);
    CHECK(row != nullptr);
    Result<> is_taken;
    for (int attempt = 0; attempt < kValueAttempts; ++attempt) {
      const Rng again = stream.split("values/" + std::to_string(attempt));
      entry.params = TRY(draw_params(fault, *row, again));
      is_taken = try_values(entry, *row, scenario_.topology);
      if (is_taken) return entry;
    }
    return is_taken.error();
  }

  struct DrawnTargets {
    std::vector<Selector> sides;
    std::vector<Target> processes;  // of a fault of processes
    bool hits_any = false;          // it will be known as it fires, so it could be any process
  };

  [[nodiscard]] Result<DrawnTargets> draw_targets(const RandomFault& fault,
                                                  const Rng& stream) const {
    const bool is_pair = find_injector(fault.kind)->aim == Aim::kNodePairs;
    DrawnTargets drawn;
    std::vector<Target> first;
    for (std::size_t i = 0; i < fault.sides.size(); ++i) {
      const Selector& side = fault.sides[i];
      if (is_for_later(side, scenario_.topology)) {
        drawn.sides.push_back(side);
        drawn.hits_any |= !is_pair;
        continue;
      }
      Rng rng = stream.split("side/" + std::to_string(i));
      std::vector<Target> targets = TRY(targets_of(side, is_pair, scenario_.topology, rng));
      if (i == 1) TRY(take_away(first, targets, side));
      drawn.sides.push_back(TRY(listed(targets)));
      // Whoever leads when it fires is on the first side only.
      if (i == 1 && fault.sides[0].is_live() && !has_draw(fault.sides[0])) {
        drawn.sides[1] = TRY(
            parse_selector("(" + drawn.sides[1].text() + ") & !(" + fault.sides[0].text() + ")"));
      }
      if (i == 0) first = targets;
      if (!is_pair) drawn.processes = std::move(targets);
    }
    return drawn;
  }

  // `between: [one-of(all), all]` cuts one node off from all others.
  static Result<> take_away(const std::vector<Target>& first, std::vector<Target>& second,
                            const Selector& side) {
    second.erase(std::remove_if(second.begin(), second.end(),
                                [&first](const Target& target) {
                                  return std::find(first.begin(), first.end(), target) !=
                                         first.end();
                                }),
                 second.end());
    if (!second.empty()) return {};
    return Error{Errc::kInvalid, "'" + side.text() + "' holds nobody who is not on the other side"};
  }

  const Scenario& scenario_;
  const RandomTimeline& random_;
  Rng root_;
};

}  // namespace

Duration active_time(const TimelineEntry& entry) {
  const bool is_started_again =
      entry.params.all().contains("restart-after") && entry.params.has("restart-after");
  return is_started_again ? entry.params.duration("restart-after") : entry.length;
}

Result<std::vector<TimelineEntry>> draw_timeline(const Scenario& scenario) {
  return Drawing(scenario).draw();
}

}  // namespace squall
