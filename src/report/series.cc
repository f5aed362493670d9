// Windows of a history.
#include "report/series.h"

#include <algorithm>

#include "base/check.h"
#include "orchestrator/consequence.h"

namespace squall {
namespace {

constexpr std::int64_t kNarrowest = 10'000'000;  // ns
constexpr std::size_t kOperationsPerWindow = 20;

using Latencies = std::vector<std::int64_t>;

std::int64_t nearest_rank(const Latencies& sorted, std::size_t percent) {
  const std::size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

std::optional<Quantiles> quantiles_of(Latencies& latencies) {
  if (latencies.empty()) return std::nullopt;
  std::sort(latencies.begin(), latencies.end());
  return Quantiles{nearest_rank(latencies, 50), nearest_rank(latencies, 95),
                   nearest_rank(latencies, 99), latencies.back()};
}

// One operation into the window where it was due; gives its latency if it has one.
std::optional<std::int64_t> count_offered(const History& history, const Operation& op,
                                          OpIndex index, SeriesWindow& window) {
  ++window.offered;
  if (!is_unavailable(op.outcome, history.error(index))) {
    return std::max<std::int64_t>(0, op.completed - op.scheduled);
  }
  ++(op.outcome == Outcome::kFail ? window.failed : window.unknown);
  return std::nullopt;
}

}  // namespace

Duration window_width(Duration end, std::size_t operations) {
  const std::size_t crowded = std::max<std::size_t>(operations / kOperationsPerWindow, 1);
  const auto windows = static_cast<std::int64_t>(std::min(crowded, kMaxWindows));
  const std::int64_t least = std::max(kNarrowest, (end.count() + windows - 1) / windows);
  std::int64_t width = kNarrowest;
  for (std::size_t step = 0; width < least; ++step) {
    width = step % 3 == 1 ? width / 2 * 5 : width * 2;  // 1, 2, 5, 10, …
  }
  return Duration(width);
}

Series aggregate(const History& history, Duration width, Duration end) {
  CHECK(width.count() > 0);
  const std::int64_t count =
      std::max<std::int64_t>(1, (end.count() + width.count() - 1) / width.count());
  CHECK(count <= static_cast<std::int64_t>(kMaxWindows));
  Series series{width, std::vector<SeriesWindow>(static_cast<std::size_t>(count))};
  std::vector<Latencies> latencies(series.windows.size());
  const auto window_at = [&](std::int64_t at) {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(at / width.count(), 0, count - 1));
  };
  for (OpIndex i = 0; i < history.size(); ++i) {
    const Operation op = history.at(i);
    const std::size_t due = window_at(op.scheduled);
    const std::optional<std::int64_t> took = count_offered(history, op, i, series.windows[due]);
    if (!took) continue;
    latencies[due].push_back(*took);
    ++series.windows[window_at(op.completed)].answered;
  }
  for (std::size_t i = 0; i < latencies.size(); ++i) {
    series.windows[i].latency = quantiles_of(latencies[i]);
  }
  return series;
}

SpanSums sum_span(const History& history, std::int64_t from, std::int64_t to) {
  SpanSums span{from, to, {}};
  Latencies latencies;
  for (OpIndex i = 0; i < history.size(); ++i) {
    const Operation op = history.at(i);
    const bool is_available = !is_unavailable(op.outcome, history.error(i));
    if (is_available && op.completed >= from && op.completed < to) ++span.sums.answered;
    if (op.scheduled < from || op.scheduled >= to) continue;
    const std::optional<std::int64_t> took = count_offered(history, op, i, span.sums);
    if (took) latencies.push_back(*took);
  }
  span.sums.latency = quantiles_of(latencies);
  return span;
}

std::int64_t last_moment(const History& history) {
  std::int64_t last = 0;
  for (OpIndex i = 0; i < history.size(); ++i) {
    const std::int64_t completed = history.completed()[i];
    last = std::max(last, completed == kNever ? history.sent()[i] : completed);
  }
  return last;
}

}  // namespace squall
