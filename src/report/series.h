// A history as columns of a chart: what each window of time saw.  Pure, one pass over the
// operations and one sort of each window's latencies, so that a million operations take well under
// a second and a few hundred windows are all that a page has to hold.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "history/history.h"

namespace squall {

// Exact by nearest rank: with n latencies, the one at position ⌈q·n⌉.  In ns.
struct Quantiles {
  std::int64_t p50 = 0;
  std::int64_t p95 = 0;
  std::int64_t p99 = 0;
  std::int64_t max = 0;
};

// An operation belongs to the window in which it should have been sent, so that a stall shows where
// it was suffered; only `answered` counts by when the answer came.
struct SeriesWindow {
  std::uint64_t offered = 0;   // should have been sent here
  std::uint64_t answered = 0;  // a usable answer came here: ok, or a negative answer
  std::uint64_t failed = 0;    // of those offered here: certainly did not happen
  std::uint64_t unknown = 0;   // of those offered here: nobody knows
  std::optional<Quantiles>
      latency{};  // of the usable answers to those offered here; from scheduled
};

struct Series {
  Duration width{0};  // of each window; the first begins at 0, the start of the run
  std::vector<SeriesWindow> windows;
};

inline constexpr std::size_t kMaxWindows = 480;

// 1, 2 or 5 × 10^n, at least 10 ms: at most kMaxWindows up to `end`, and on average 20 operations
// or more in each where there are so many.
[[nodiscard]] Duration window_width(Duration end, std::size_t operations);

// Windows of `width` from 0 to `end`, at most kMaxWindows (CHECKed).  What lies before or behind
// counts in the first or the last.
[[nodiscard]] Series aggregate(const History& history, Duration width, Duration end);

// A stretch of the run, as numbers.  [from, to), ns since the start of the run.
struct SpanSums {
  std::int64_t from = 0;
  std::int64_t to = 0;
  SeriesWindow sums;
};
// What was scheduled in [from, to); `answered` counts by when the answer came, too.
[[nodiscard]] SpanSums sum_span(const History& history, std::int64_t from, std::int64_t to);

// The last time that the history speaks of, in ns; 0 for an empty one.
[[nodiscard]] std::int64_t last_moment(const History& history);

}  // namespace squall
