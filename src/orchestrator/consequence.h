// Consequential evidence: what followed a fault, read from the recording alone.
#pragma once

#include <vector>

#include "history/recording.h"

namespace squall {

// A consequence may show a little after the heal (an election, a backlog): this long.
inline constexpr Duration kConsequenceGrace = std::chrono::seconds(3);

// An operation that the system left unanswered or refused.  A negative answer of a working system
// (a compare-and-set that found another value, a lock that is held) is none.
[[nodiscard]] bool is_unavailable(Outcome outcome, std::string_view error);

// One row per fault and kind of consequence (errors, slower operations, a new leader, a process
// that ended), each saying what was expected and observed.  Any that holds is enough.
[[nodiscard]] std::vector<EvidenceRow> consequences(const Recording& recording);

}  // namespace squall
