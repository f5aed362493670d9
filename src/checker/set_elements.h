// What became of every element that somebody added to a set: the analysis of Jepsen's set-full.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "checker/selection.h"

namespace squall {

enum class Fate : std::uint8_t {
  kStable,     // the read that began last of those that concern it returned it
  kLost,       // known to be there, then missing from a read that began later, and ever since
  kNeverRead,  // no read that began after it was known says anything
};

struct SetElement {
  ValueId value = kAbsent;
  OpIndex add = 0;                           // its first add
  std::optional<std::int64_t> acknowledged;  // when an add of it returned ok
  std::optional<std::int64_t> known;         // that, or the return of the first read that had it
  std::optional<OpIndex> last_present;       // the reads that began last with and without it
  std::optional<OpIndex> last_absent;
  Fate fate = Fate::kNeverRead;
  std::int64_t stable_latency = 0;  // ns from known until it was seen for good
};

struct SetDuplicate {
  ValueId value = kAbsent;
  OpIndex read = 0;
  std::uint32_t times = 0;
};

struct SetAnalysis {
  std::vector<SetElement> elements;      // in the order of their first add
  std::vector<SetDuplicate> duplicates;  // one read of each such element
  std::uint64_t unexpected = 0;          // returned by a read, but nobody had tried to add it
  std::uint64_t reads = 0;               // acknowledged
};

// Operations add (value: the element) and read (value: a list); each key is a set of its own.
[[nodiscard]] SetAnalysis analyse_sets(const History& history, const Selection& selection);

}  // namespace squall
