// The chart's columns, and the run's phases as a small table.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/page_parts.h"

namespace squall {
namespace {

constexpr std::int64_t kMicrosecond = 1000;

// Latencies are whole microseconds: nobody reads a chart finer, and a page stays small.
PageJson quantile_json(const SeriesWindow& window, std::int64_t Quantiles::*which) {
  if (!window.latency) return nullptr;
  return ((*window.latency).*which + kMicrosecond / 2) / kMicrosecond;
}

PageJson sums_json(const SpanSums& span) {
  const SeriesWindow& sums = span.sums;
  PageJson json;
  json["from"] = span.from;
  json["to"] = span.to;
  json["offered"] = sums.offered;
  json["answered"] = sums.answered;
  json["failed"] = sums.failed;
  json["unknown"] = sums.unknown;
  json["p50"] = quantile_json(sums, &Quantiles::p50);
  json["p95"] = quantile_json(sums, &Quantiles::p95);
  json["p99"] = quantile_json(sums, &Quantiles::p99);
  json["max"] = quantile_json(sums, &Quantiles::max);
  return json;
}

struct Phase {
  const char* name;
  std::int64_t from;
  std::int64_t to;
};

std::vector<Phase> phases_of(const Recording& recording) {
  const std::int64_t end = end_of(recording) + 1;  // what ended in the last moment counts
  const FaultSpan faults = fault_span(recording, end);
  if (faults.from == kNever) return {{"whole run", 0, end}};
  return {{"before the first fault", 0, faults.from},
          {"first fault to last heal", faults.from, faults.to},
          {"after the last heal", faults.to, end}};
}

}  // namespace

PageJson series_json(const Series& series) {
  PageJson json;
  json["width"] = series.width.count();
  for (const char* name :
       {"offered", "answered", "failed", "unknown", "p50", "p95", "p99", "max"}) {
    json[name] = PageJson::array();
  }
  for (const SeriesWindow& window : series.windows) {
    json["offered"].push_back(window.offered);
    json["answered"].push_back(window.answered);
    json["failed"].push_back(window.failed);
    json["unknown"].push_back(window.unknown);
    json["p50"].push_back(quantile_json(window, &Quantiles::p50));
    json["p95"].push_back(quantile_json(window, &Quantiles::p95));
    json["p99"].push_back(quantile_json(window, &Quantiles::p99));
    json["max"].push_back(quantile_json(window, &Quantiles::max));
  }
  return json;
}

PageJson phases_json(const ReportInput& input) {
  PageJson phases = PageJson::array();
  const std::int64_t shift =
      input.control == nullptr ? 0 : control_shift(input.recording, *input.control);
  for (const Phase& phase : phases_of(input.recording)) {
    // An event heals at once: there is nothing between its start and its end.
    if (phase.to <= phase.from) continue;
    PageJson json;
    json["name"] = phase.name;
    json["run"] = sums_json(sum_span(input.recording.history, phase.from, phase.to));
    json["control"] = nullptr;
    if (input.control != nullptr) {
      const std::int64_t from = phase.from == 0 ? 0 : phase.from + shift;
      const std::int64_t to = std::min(phase.to + shift, end_of(*input.control) + 1);
      if (to > from) json["control"] = sums_json(sum_span(input.control->history, from, to));
    }
    phases.push_back(std::move(json));
  }
  return phases;
}

}  // namespace squall
