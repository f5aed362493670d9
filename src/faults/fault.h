// A fault: what, where, how much, how long.  A value: it is compared, printed, sent and stored.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/params.h"
#include "base/time.h"

namespace squall {

// A place a fault points at: a node, or a process of a node ("e1/etcd", "e1/etcd-lock.0").
struct Target {
  NodeName node;
  ProcessName process;  // empty: the node itself
  friend auto operator<=>(const Target&, const Target&) = default;
};
[[nodiscard]] std::string to_text(const Target& target);
[[nodiscard]] Result<Target> parse_target(std::string_view text);

// With its selectors already resolved.  `sides` holds what the kind asks for: one list for `on`,
// two for `between` (or `from`, `to`).
struct Fault {
  FaultId id;
  std::string kind;  // "network.partition"
  std::vector<std::vector<Target>> sides;
  Params params;
};

// "network.partition cut: e1, e2 | e3 (direction=both)"
[[nodiscard]] std::string to_text(const Fault& fault);

}  // namespace squall
