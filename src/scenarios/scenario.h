// A scenario: stack, workload, timeline of faults, checks, guard, seed, and why.  As validated.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/params.h"
#include "base/time.h"
#include "checker/checker.h"
#include "scenarios/random_timeline.h"
#include "scenarios/selector.h"
#include "scenarios/topology.h"
#include "scenarios/vocabulary.h"

namespace squall {

enum class Expect { kPass, kViolation, kEither };

// Whom a client talks to.
enum class Endpoint { kAny, kLocal, kLeader, kSelected };

struct WorkloadEntry {
  std::string name;    // unique; defaults to the client kind
  std::string client;  // a ClientRow's kind
  int processes = 1;
  Selector from;  // nodes it runs on, round-robin over its processes
  Endpoint endpoint = Endpoint::kAny;
  std::optional<Selector> endpoint_nodes;  // kSelected
  Duration start{0};  // when it begins, from the start of the timeline; it ends with the settle
  Params params;      // of the ClientRow
};

// Triggers.  Times count from the start of the timeline (after the steady-state gate).
struct AtTime {
  Duration at{0};
  // `at: 3s..5s`: drawn from [at, until] by the seed; a resolved scenario has none.
  std::optional<Duration> until{};
};
struct AfterFault {
  FaultId fault;
  bool of_start = false;  // after its start instead of its end
  Duration by{0};
};
struct WhenLog {
  std::string pattern;  // regular expression
  std::string of;       // a client's name, a process's name, or "" for any
};
struct WhenMetric {
  std::string metric;  // "availability", "operations", "errors" (per second over the last second)
  bool is_below = true;
  double value = 0;
  Duration lasting{0};
};
struct WhenCount {
  std::string client;  // "" for all
  std::uint64_t operations = 0;
};
using Trigger = std::variant<AtTime, AfterFault, WhenLog, WhenMetric, WhenCount>;

struct TimelineEntry {
  FaultId id;  // `name:`, or "KIND" / "KIND@2" if there are several
  std::string kind;
  Trigger trigger;
  Duration length{0};           // 0 for events
  std::vector<Selector> sides;  // one (on) or two (between; from, to)
  Params params;
  bool is_exercise_expected = true;  // `expect-exercised: false` for a fault meant to hit nothing
  bool is_consequence_expected = true;  // `expect-consequence: false` where none is the point
};

// A stack that misses its own steady state unfaulted is INVALID, not violated.
struct SteadyGate {
  double availability = 0.95;                  // of operations that are ok
  Duration window = std::chrono::seconds(2);   // held this long
  Duration within = std::chrono::seconds(20);  // reached by then, or INVALID
  std::uint64_t operations = 10;               // at least so many in the window
};

struct AbortRule {
  std::string metric;
  bool is_below = true;
  double value = 0;
  Duration lasting{0};
};

struct Scenario {
  std::string path;  // as given; "" for text
  std::string name;
  std::string why;
  Expect expect = Expect::kPass;
  std::uint64_t seed = 1;
  std::string topology_path;
  Topology topology;
  std::vector<WorkloadEntry> workload;
  std::vector<TimelineEntry> timeline;
  std::optional<RandomTimeline> random{};  // more of it, which the seed draws; resolved: none
  SteadyGate steady;
  Duration settle = std::chrono::seconds(5);  // after the last heal, load goes on
  Duration limit = std::chrono::minutes(10);  // of the whole timeline, triggers included
  // The load runs at least this long before the settle.  A control run has no faults to wait for,
  // so its schedule says here how long the faults would have taken.
  Duration duration{0};
  bool is_control =
      false;  // `control: true`: has no timeline, so its checks may name absent faults
  std::vector<CheckRequest> checks;
  // The run ends, healed in order, at the first violation that is certain while it goes on.
  bool is_stopped_on_violation = false;
  std::vector<AbortRule> guard;
};

struct Problem {
  std::string file;
  int line = 0;
  int column = 0;
  std::string what;  // quotes the offending text and names the nearest valid name
  [[nodiscard]] std::string to_text() const;  // "file:line:column: what"
};

struct LoadOptions {
  std::map<std::string, std::string>
      overrides;  // --set KEY=VALUE, e.g. "workload.0.lease=3s", "seed=9"
  Vocabulary vocabulary;
};

// All problems of a file (and of the topology it uses) at once.  The stack's path is looked up
// beside the scenario, then in the scenario's parent folders, then in the installed share folder.
[[nodiscard]] Result<Scenario> load_scenario(const std::string& path, const LoadOptions& options,
                                             std::vector<Problem>& problems);
// The same from text; `name` stands for the file in messages.  Used for the resolved scenario in a
// run file, whose topology is inline (`stack: {inline: …}`).
[[nodiscard]] Result<Scenario> parse_scenario(const std::string& text, const std::string& name,
                                              const LoadOptions& options,
                                              std::vector<Problem>& problems);

// A topology alone, without variables: what to_yaml(topology) gives.
[[nodiscard]] Result<Topology> parse_topology(const std::string& text, const std::string& name,
                                              std::vector<Problem>& problems);

}  // namespace squall
