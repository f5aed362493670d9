// What two runs are compared by: one hash over everything that happened.
#pragma once

#include <string>

#include "history/recording.h"

namespace squall {

// SHA-256 over the operations (History::digest) and the fault intervals by id, all times (ns on the
// run's monotonic clock) and texts included.  Nothing enters that equal runs may differ in: when
// they began, on which machine, how long that took, the order in which rows were written.
[[nodiscard]] std::string history_hash(const Recording& recording);

}  // namespace squall
