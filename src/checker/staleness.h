// How stale every read certainly was: the time since an acknowledged write had replaced its value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/selection.h"

namespace squall {

struct StalenessOptions {
  std::string client;         // whose operations count; "": everybody's
  std::string reader;         // whose reads are judged; "": the client's
  std::string read = "read";  // names of the operations
  std::string write = "write";
  std::string init = "nil";  // the value before the run, as JSON
};

struct ReadAge {
  OpIndex read = 0;
  // At least this old, ns; 0: it may have been the latest value.
  std::int64_t staleness = 0;
  std::optional<OpIndex> replaced_by;  // the write that proves it
  // Nobody had tried to write this value by then: not stale, but made up.
  bool is_unwritten = false;
};

// The acknowledged reads with a value, in the order of the history.
//
//   write v   |----|
//   write w            |----|            w is certainly after v: it was sent when v had returned
//   read = v                     |---|
//                            <--->       staleness: from the return of w to the call of the read
//
// Intervals are widened by clock errors, so that staleness is a lower bound.  A write that nobody
// acknowledged may have happened at any time after it was sent, so its value is never certainly
// replaced.
[[nodiscard]] std::vector<ReadAge> read_ages(const History& history,
                                             const StalenessOptions& options);

}  // namespace squall
