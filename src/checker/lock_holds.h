// Who certainly held which lock, and when: the lock client's operations as holding intervals.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "checker/selection.h"

namespace squall {

// From the moment its acquire had returned until it sent its release; if that failed, until it was
// told so; if it never asked, until the last it was seen doing.  Shrunk by the clock's error, so
// that it certainly held it all that time.
struct Hold {
  ValueId lock = kAbsent;
  ProcessIndex process = 0;
  OpIndex acquire = 0;
  std::int64_t from = 0;
  std::int64_t until = 0;
};

// A write under the lock, by the process's latest acquire before it.
struct GuardedWrite {
  OpIndex write = 0;
  ValueId lock = kAbsent;
  std::optional<OpIndex> acquire;  // none: it never asked for the lock
};

struct LockHistory {
  std::vector<Hold> holds;           // by lock, then by `from`
  std::vector<GuardedWrite> writes;  // acknowledged ones whose acquire is known
  bool has_writes = false;           // any at all, acknowledged or not
};
[[nodiscard]] LockHistory read_locks(const History& history, const Selection& selection);

// Did `later` certainly get the lock after `earlier` did?  By their tokens if both have one (a
// fencing token grows), else by real time.
[[nodiscard]] bool is_certainly_later(const History& history, OpIndex later, OpIndex earlier);

}  // namespace squall
