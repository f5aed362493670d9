// Windows and spans against the obvious way to count them.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "orchestrator/consequence.h"
#include "report/series.h"

namespace squall {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kStep = 64;  // what the history keeps of `scheduled`

struct Row {
  std::int64_t scheduled;
  std::int64_t completed;
  Outcome outcome;
  bool is_answer;
};

Row draw_row() {
  Row row{};
  row.scheduled = *rc::gen::inRange<std::int64_t>(0, 5000) * kMillisecond;
  row.outcome = *rc::gen::element(Outcome::kOk, Outcome::kFail, Outcome::kInfo);
  row.is_answer = *rc::gen::arbitrary<bool>();
  const auto took = *rc::gen::inRange<std::int64_t>(0, 900) * kMillisecond;
  const bool is_open = row.outcome == Outcome::kInfo && *rc::gen::arbitrary<bool>();
  row.completed = is_open ? kNever : row.scheduled + took + kStep;
  return row;
}

std::string error_of(const Row& row) {
  if (row.outcome == Outcome::kOk) return "";
  return row.is_answer ? std::string(kNegativeAnswer) + "held" : "timeout";
}

bool is_answered(const Row& row) {
  return row.outcome == Outcome::kOk || (row.outcome == Outcome::kFail && row.is_answer);
}

History history_of(const std::vector<Row>& rows) {
  History history;
  history.add_process({.client = "kv", .id = 0, .node = "e1"});
  const FunctionId read = history.functions().intern("read");
  for (const Row& row : rows) {
    history.append({.scheduled = row.scheduled,
                    .sent = row.scheduled + kStep,
                    .completed = row.completed,
                    .process = 0,
                    .function = read,
                    .outcome = row.outcome},
                   error_of(row));
  }
  history.sort_by_sent();
  return history;
}

std::vector<Row> draw_rows() {
  std::vector<Row> rows(*rc::gen::inRange<std::size_t>(0, 120));
  std::generate(rows.begin(), rows.end(), draw_row);
  return rows;
}

// The rank by its definition: the least value that q of all values do not pass.
std::int64_t rank_of(std::vector<std::int64_t> values, double share) {
  std::sort(values.begin(), values.end());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (static_cast<double>(i + 1) >= share * static_cast<double>(values.size()) - 1e-9) {
      return values[i];
    }
  }
  return 0;
}

// What is scheduled in [from, to), counted row by row.
SeriesWindow counted(const std::vector<Row>& rows, std::int64_t from, std::int64_t to) {
  SeriesWindow window;
  std::vector<std::int64_t> latencies;
  for (const Row& row : rows) {
    if (is_answered(row) && row.completed >= from && row.completed < to) ++window.answered;
    if (row.scheduled < from || row.scheduled >= to) continue;
    ++window.offered;
    if (is_answered(row)) {
      latencies.push_back(row.completed - row.scheduled);
    } else {
      ++(row.outcome == Outcome::kFail ? window.failed : window.unknown);
    }
  }
  if (!latencies.empty()) {
    window.latency =
        Quantiles{rank_of(latencies, 0.5), rank_of(latencies, 0.95), rank_of(latencies, 0.99),
                  *std::max_element(latencies.begin(), latencies.end())};
  }
  return window;
}

void expect_same(const SeriesWindow& seen, const SeriesWindow& expected) {
  RC_ASSERT(seen.offered == expected.offered);
  RC_ASSERT(seen.answered == expected.answered);
  RC_ASSERT(seen.failed == expected.failed);
  RC_ASSERT(seen.unknown == expected.unknown);
  RC_ASSERT(seen.latency.has_value() == expected.latency.has_value());
  if (!seen.latency) return;
  RC_ASSERT(seen.latency->p50 == expected.latency->p50);
  RC_ASSERT(seen.latency->p95 == expected.latency->p95);
  RC_ASSERT(seen.latency->p99 == expected.latency->p99);
  RC_ASSERT(seen.latency->max == expected.latency->max);
}

RC_GTEST_PROP(Series, WindowsAreWhatCountingRowByRowGives, ()) {
  const std::vector<Row> rows = draw_rows();
  const History history = history_of(rows);
  const auto width = *rc::gen::inRange<std::int64_t>(20, 700) * kMillisecond;
  const std::int64_t end = 6000 * kMillisecond;
  const Series series = aggregate(history, Duration(width), Duration(end));
  RC_ASSERT(series.windows.size() == static_cast<std::size_t>((end + width - 1) / width));
  for (std::size_t i = 0; i < series.windows.size(); ++i) {
    const std::int64_t from = static_cast<std::int64_t>(i) * width;
    expect_same(series.windows[i], counted(rows, from, from + width));
  }
}

RC_GTEST_PROP(Series, ASpanIsWhatCountingRowByRowGives, ()) {
  const std::vector<Row> rows = draw_rows();
  const auto from = *rc::gen::inRange<std::int64_t>(0, 4000) * kMillisecond;
  const auto to = from + *rc::gen::inRange<std::int64_t>(0, 3000) * kMillisecond;
  expect_same(sum_span(history_of(rows), from, to).sums, counted(rows, from, to));
}

RC_GTEST_PROP(Series, EveryOperationIsInOneWindow, ()) {
  const std::vector<Row> rows = draw_rows();
  const History history = history_of(rows);
  const Duration end(*rc::gen::inRange<std::int64_t>(1, 3000) * kMillisecond);
  const Series series = aggregate(history, window_width(end, history.size()), end);
  SeriesWindow all;
  for (const SeriesWindow& window : series.windows) {
    all.offered += window.offered;
    all.answered += window.answered;
    all.failed += window.failed;
    all.unknown += window.unknown;
  }
  RC_ASSERT(all.offered == rows.size());
  RC_ASSERT(all.answered + all.failed + all.unknown == rows.size());
}

RC_GTEST_PROP(WindowWidth, IsRoundAndLeavesFewEnoughWindows, ()) {
  const auto end = *rc::gen::inRange<std::int64_t>(1, std::int64_t{1} << 50);
  const auto operations = *rc::gen::inRange<std::size_t>(0, 2'000'000);
  const std::int64_t width = window_width(Duration(end), operations).count();
  RC_ASSERT((end + width - 1) / width <= static_cast<std::int64_t>(kMaxWindows));
  const double lead = std::pow(10.0, std::fmod(std::log10(static_cast<double>(width)), 1.0));
  const double rounded = std::round(lead * 1e6) / 1e6;
  RC_ASSERT((rounded == 1.0 || rounded == 2.0 || rounded == 5.0 || rounded == 10.0));
}

TEST(WindowWidth, IsWideEnoughForTwentyOperations) {
  EXPECT_EQ(window_width(std::chrono::seconds(20), 100), std::chrono::seconds(5));
  EXPECT_EQ(window_width(std::chrono::seconds(20), 3600), std::chrono::milliseconds(200));
  EXPECT_EQ(window_width(std::chrono::seconds(120), 1'000'000), std::chrono::milliseconds(500));
  EXPECT_EQ(window_width(std::chrono::nanoseconds(5), 0), std::chrono::milliseconds(10));
}

TEST(Series, CountsFromWhenAnOperationWasDueAndNotFromWhenItWasSent) {
  History history;
  history.add_process({.client = "load", .id = 0, .node = "c1"});
  const FunctionId infer = history.functions().intern("infer");
  history.append({.scheduled = 0,
                  .sent = 3200 * kMillisecond,  // it waited for a slot
                  .completed = 3201 * kMillisecond,
                  .function = infer,
                  .outcome = Outcome::kOk});
  const Series series = aggregate(history, std::chrono::seconds(1), Duration(4000 * kMillisecond));
  ASSERT_TRUE(series.windows.at(0).latency);
  EXPECT_EQ(series.windows.at(0).latency->p50, 3201 * kMillisecond);
  EXPECT_EQ(series.windows.at(0).answered, 0U);
  EXPECT_EQ(series.windows.at(3).answered, 1U);
}

}  // namespace
}  // namespace squall
