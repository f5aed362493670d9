// What a scenario consists of, as far as it can get smaller: lists of parts that may be left out,
// and numbers that may be less.  Pure: scenarios in, scenarios out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace squall {

// What shrinking must leave alone, and what it needs to know of the recorded run.
struct ShrinkScope {
  CheckRequest check;  // the one that must still be violated
  // When faults began, from the start of the timeline: what waited for a fault that is left out
  // begins when it did.
  std::map<FaultId, Duration> starts{};
};

// A list of parts.
struct PartList {
  std::string what;                // "fault", "client", "node"
  std::vector<std::string> names;  // of the parts that may go
  bool may_be_empty = false;
  // The scenario with only these of the parts that may go.
  std::function<Scenario(const Scenario&, const std::set<std::string>& kept)> keep;
};
// Faults, then clients, then nodes.
[[nodiscard]] std::vector<PartList> part_lists(const Scenario& scenario, const ShrinkScope& scope);

// A number, in steps of its own.
struct PartNumber {
  std::string what;  // "fault cut: for", "client kv: keys"
  std::int64_t value = 0;
  std::int64_t least = 0;
  std::int64_t resolution = 1;
  std::function<void(Scenario&, std::int64_t)> set;
  std::function<std::string(std::int64_t)> text;  // "6s"
};
// Processes of clients, times, lengths, magnitudes, rates of operations, keys: what shortens the
// runs that follow comes first.
[[nodiscard]] std::vector<PartNumber> part_numbers(const Scenario& scenario,
                                                   const Vocabulary& vocabulary);

// Whether it could run at all: it reads back, and the injectors take its faults.
[[nodiscard]] bool is_viable(const Scenario& scenario, const Vocabulary& vocabulary);

}  // namespace squall
