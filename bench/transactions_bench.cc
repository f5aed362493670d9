// What checking transactions costs, from JSON lines to the verdict.  Beside each stands a limit:
// simdjson alone parsing the same bytes.
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <string>
#include <vector>

#include "base/check.h"
#include "checker/checker.h"
#include "history/transactions.h"
#include "tests/support/transaction_simulator.h"

namespace squall {
namespace {

using test::Isolation;
using test::SimulatedWorkload;

SimulatedWorkload lists(int transactions, Isolation isolation) {
  return {.seed = 7, .transactions = transactions, .isolation = isolation};
}

SimulatedWorkload registers(int transactions) {
  return {.seed = 7,
          .transactions = transactions,
          .sessions = 50,
          .active_keys = 1000,
          .writes_per_key = 1000,
          .operations_min = 8,
          .operations_max = 8,
          .is_list = false,
          .as_sessions = true};
}

// One workload is kept at a time: the largest is some hundred megabytes.
const std::string& text_of(const SimulatedWorkload& workload) {
  static SimulatedWorkload kept;
  static std::string text;
  const bool is_kept = !text.empty() && kept.transactions == workload.transactions &&
                       kept.isolation == workload.isolation && kept.is_list == workload.is_list;
  if (!is_kept) text = test::simulate(workload);
  kept = workload;
  return text;
}

std::string fact(const Verdict& verdict, std::string_view name) {
  for (const auto& [key, value] : verdict.facts) {
    if (key == name) return value;
  }
  return "";
}

void check(benchmark::State& state, const SimulatedWorkload& workload,
           const std::vector<std::string>& requests) {
  const std::string& text = text_of(workload);
  std::string label;
  for (auto _ : state) {
    Recording recording;
    recording.transactions = read_transactions_jsonl(text, "workload").value();
    label.clear();
    for (const std::string& request : requests) {
      const Verdict verdict = run_check(parse_check(request).value(), recording, Budget{});
      label += std::string(label.empty() ? "" : ", ") + std::string(to_text(verdict.answer));
      if (verdict.answer == Answer::kViolated) label += " (" + fact(verdict, "anomalies") + ")";
    }
  }
  state.SetLabel(label);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

// The limit.
void parse(benchmark::State& state, const SimulatedWorkload& workload) {
  const simdjson::padded_string text(text_of(workload));
  simdjson::dom::parser parser;
  for (auto _ : state) {
    simdjson::dom::document_stream stream;
    CHECK(parser.parse_many(text, 1U << 20U).get(stream) == simdjson::SUCCESS);
    std::size_t lines = 0;
    for (const auto line : stream) lines += line.error() == simdjson::SUCCESS ? 1U : 0U;
    benchmark::DoNotOptimize(lines);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void read_only(benchmark::State& state, const SimulatedWorkload& workload) {
  const std::string& text = text_of(workload);
  for (auto _ : state) {
    const Transactions txns = read_transactions_jsonl(text, "workload").value();
    benchmark::DoNotOptimize(txns.size());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

constexpr int kMillion = 1'000'000;

BENCHMARK_CAPTURE(parse, list_append_1m, lists(kMillion, Isolation::kStrict))
    ->Unit(benchmark::kMillisecond)
    ->Repetitions(3)
    ->ReportAggregatesOnly(true);
BENCHMARK_CAPTURE(read_only, list_append_1m, lists(kMillion, Isolation::kStrict))
    ->Unit(benchmark::kMillisecond)
    ->Repetitions(3)
    ->ReportAggregatesOnly(true);
BENCHMARK_CAPTURE(check, list_append_strict_serializable_1m, lists(kMillion, Isolation::kStrict),
                  {"list-append"})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->Repetitions(9)
    ->ReportAggregatesOnly(true);
BENCHMARK_CAPTURE(check, list_append_snapshot_isolation_1m, lists(kMillion, Isolation::kSnapshot),
                  {"list-append"})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->Repetitions(9)
    ->ReportAggregatesOnly(true);
BENCHMARK_CAPTURE(check, list_append_no_isolation_10k, lists(10'000, Isolation::kNone),
                  {"list-append"})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->Repetitions(9)
    ->ReportAggregatesOnly(true);
BENCHMARK_CAPTURE(parse, rw_register_1m, registers(kMillion))
    ->Unit(benchmark::kMillisecond)
    ->Repetitions(3)
    ->ReportAggregatesOnly(true);
BENCHMARK_CAPTURE(read_only, rw_register_1m, registers(kMillion))
    ->Unit(benchmark::kMillisecond)
    ->Repetitions(3)
    ->ReportAggregatesOnly(true);
BENCHMARK_CAPTURE(check, rw_register_weak_1m, registers(kMillion),
                  {"read-committed", "read-atomic", "causal"})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->Repetitions(9)
    ->ReportAggregatesOnly(true);

}  // namespace
}  // namespace squall
