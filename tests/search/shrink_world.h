// A scenario that is worth shrinking, and simulated runs of it.
#pragma once

#include <functional>
#include <string>

#include "search/shrink_machine.h"

namespace squall::test {

[[nodiscard]] Vocabulary shrink_vocabulary();
// Three nodes with a store each; clients "kv" and "extra"; faults cut, slow, lossy, stop, kill and
// late, which waits for cut.
[[nodiscard]] Scenario big_scenario();
[[nodiscard]] ShrinkScope big_scope();
[[nodiscard]] Scenario parsed_scenario(const std::string& text);

using Runs = std::function<bool(const Scenario&)>;
struct Shrunk {
  Scenario scenario;
  std::vector<std::string> changes;
  std::map<std::string, bool> known;
  int candidates = 0;
};
// To the end; at most `limit` candidates are tried.
[[nodiscard]] Shrunk shrink_all(const Runs& violates, std::map<std::string, bool> known = {},
                                int limit = 5000);

[[nodiscard]] bool has_fault(const Scenario& scenario, const std::string& id);
[[nodiscard]] const TimelineEntry& fault_of(const Scenario& scenario, const std::string& id);

}  // namespace squall::test
