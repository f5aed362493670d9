// An injector: the row of a table that turns a fault into effects.  Adding a fault kind is one
// file, one line of the table, one golden file, one scenario.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/params.h"
#include "base/result.h"
#include "faults/effect.h"
#include "faults/fault.h"

namespace squall {

// What an injector may know of the world: names, not addresses.
struct HostFacts {
  std::vector<NodeName> nodes;
};

// Where a fault of this kind points.
enum class Aim {
  kNodePairs,  // `between: [A, B]`, or `from: A` and `to: B`
  kProcesses,  // `on: SELECTOR`, naming processes (a node means all its stack's processes)
};

struct InjectorRow {
  std::string_view kind;     // "network.partition"
  std::string_view plane;    // "network", "process"
  std::string_view help;     // one sentence
  std::string_view explain;  // a paragraph: mechanism, evidence, what it does not cover
  Aim aim;
  bool is_event;  // events take no `for:`
  std::span<const ParamSpec> params;
  Result<std::vector<TargetedEffect>> (*effects)(const Fault& fault, const HostFacts& host);
};

[[nodiscard]] std::span<const InjectorRow> injectors();
[[nodiscard]] const InjectorRow* find_injector(std::string_view kind);
// kInvalid with the nearest kind.
[[nodiscard]] Result<const InjectorRow*> require_injector(std::string_view kind);

// A fault whose parameters have passed its kind's table.
[[nodiscard]] Result<Fault> make_fault(FaultId id, std::string_view kind,
                                       std::vector<std::vector<Target>> sides,
                                       const std::map<std::string, std::string>& params);
// The same from what to_text(Fault) writes.
[[nodiscard]] Result<Fault> parse_fault(std::string_view line);
// Looks up the row and asks it; errors name the fault.
[[nodiscard]] Result<std::vector<TargetedEffect>> effects_of(const Fault& fault,
                                                             const HostFacts& host);

}  // namespace squall
