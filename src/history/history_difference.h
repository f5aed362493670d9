// Where two runs that should be the same part: for people, after the hashes (history_hash.h) said
// that they do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "history/recording.h"

namespace squall {

struct HistoryDifference {
  std::int64_t at = 0;     // ns: when the earlier of the two happened
  std::string what{};      // "operation 413: sent is 37 ns later, value differs"
  std::string recorded{};  // each side in one line; "nothing" where it has no such row
  std::string replayed{};
  // Three lines, without a newline at the end.
  [[nodiscard]] std::string to_text() const;
};

// The first in time; none exactly when the hashes are equal.  Operations are compared in order,
// fault intervals by their id.
[[nodiscard]] std::optional<HistoryDifference> first_difference(const Recording& recorded,
                                                                const Recording& replayed);

}  // namespace squall
