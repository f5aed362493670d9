// How fast histories are checked: a simulated register, and the public etcd histories where
// SQUALL_HISTORIES names their folder.  Beside them, as a rival, the time that only reading the
// same history from JSON lines takes.
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "checker/checker.h"
#include "history/jsonl.h"

namespace squall {
namespace {

// Closed-loop clients on one register: every operation takes effect at a random instant between
// its call and its return, so the history is linearizable by construction.
struct Simulation {
  std::uint64_t operations = 50'000;
  std::uint64_t clients = 10;
  std::uint64_t values = 5;  // 0: every write has a value of its own
  std::uint64_t keys = 1;
};

struct Pending {
  std::int64_t at = 0;  // of the effect
  Operation op;
};

Recording simulate(const Simulation& simulation) {
  Rng rng(1);
  Recording recording;
  History& history = recording.history;
  const FunctionId read = history.functions().intern("read");
  const FunctionId write = history.functions().intern("write");
  std::vector<Pending> all;
  std::vector<std::int64_t> free_at(simulation.clients, 0);
  for (std::uint64_t i = 0; i < simulation.clients; ++i) {
    Process process;
    process.id = static_cast<std::int64_t>(i);
    history.add_process(process);
  }
  for (std::uint64_t i = 0; i < simulation.operations; ++i) {
    const std::uint64_t client = i % simulation.clients;
    Pending pending;
    pending.op.process = static_cast<ProcessIndex>(client);
    pending.op.outcome = Outcome::kOk;
    pending.op.function = rng.below(2) == 0 ? read : write;
    pending.op.key =
        history.values().integer(static_cast<std::int64_t>(rng.below(simulation.keys)));
    pending.op.sent = free_at[client] + 1 + static_cast<std::int64_t>(rng.below(100));
    pending.at = pending.op.sent + static_cast<std::int64_t>(rng.below(500));
    pending.op.completed = pending.at + static_cast<std::int64_t>(rng.below(500));
    pending.op.scheduled = pending.op.sent;
    free_at[client] = pending.op.completed;
    const std::uint64_t value = simulation.values == 0 ? i : rng.below(simulation.values);
    pending.op.value = history.values().integer(static_cast<std::int64_t>(value));
    all.push_back(pending);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Pending& a, const Pending& b) { return a.at < b.at; });
  std::vector<ValueId> state(history.values().size(), kNil);
  for (Pending& pending : all) {
    ValueId& current = state[pending.op.key];
    if (pending.op.function == write) current = pending.op.value;
    if (pending.op.function == read) pending.op.value = current;
    history.append(pending.op);
  }
  history.sort_by_sent();
  return recording;
}

void check_simulated(benchmark::State& state, const Simulation& simulation) {
  const Recording recording = simulate(simulation);
  const CheckRequest request = *parse_check("linearizable");
  Verdict verdict;
  for (auto _ : state) {
    verdict = run_check(request, recording, Budget{});
    if (verdict.answer != Answer::kValid) state.SkipWithError(verdict.summary.c_str());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(recording.history.size()));
  for (const auto& [name, value] : verdict.facts) {
    if (name == "peak memory" || name == "steps") {
      state.counters[name == "steps" ? "steps" : "KiB"] = std::strtod(value.c_str(), nullptr);
    }
  }
}

void register_of_five_values(benchmark::State& state) {
  check_simulated(state, {});
}
void register_of_unique_values(benchmark::State& state) {
  check_simulated(state, {.operations = 10'000, .clients = 50, .values = 0});
}
void keys_of_300_operations(benchmark::State& state) {
  check_simulated(state, {.operations = 60'000, .clients = 10, .values = 0, .keys = 200});
}
void rival_reading_json_lines(benchmark::State& state) {
  const std::string text = write_jsonl(simulate({}).history);
  for (auto _ : state) benchmark::DoNotOptimize(read_jsonl(text, "simulated"));
  state.SetItemsProcessed(state.iterations() * 50'000);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(register_of_five_values)->Unit(benchmark::kMillisecond);
BENCHMARK(register_of_unique_values)->Unit(benchmark::kMillisecond);
BENCHMARK(keys_of_300_operations)->Unit(benchmark::kMillisecond);
BENCHMARK(rival_reading_json_lines)->Unit(benchmark::kMillisecond);

// An open loop at 10 000 operations a second for 100 s, with two faults in which some are slow.
Recording simulate_load() {
  constexpr std::int64_t kEvery = 100'000;  // ns
  Rng rng(1);
  Recording recording;
  History& history = recording.history;
  const ProcessIndex process = history.add_process({});
  Operation op;
  op.process = process;
  op.function = history.functions().intern("infer");
  op.outcome = Outcome::kOk;
  for (std::int64_t i = 0; i < 1'000'000; ++i) {
    op.scheduled = op.sent = i * kEvery;
    const bool is_slow = (i / 100'000) % 4 == 3 && rng.below(4) == 0;
    op.completed = op.sent + 1'000'000 + static_cast<std::int64_t>(rng.below(2'000'000)) +
                   (is_slow ? 300'000'000 : 0);
    history.append(op);
  }
  history.sort_by_sent();
  for (const std::int64_t from : {30, 70}) {
    FaultInterval fault;
    fault.id = "delay" + std::to_string(from);
    fault.start = fault.requested_start = from * 1'000'000'000;
    fault.end = fault.requested_end = (from + 10) * 1'000'000'000;
    recording.faults.push_back(fault);
  }
  return recording;
}

void slo_of_a_million_operations(benchmark::State& state) {
  const Recording recording = simulate_load();
  const CheckRequest request =
      *parse_check("slo:latency=20ms,availability=99.9%,goodput=99%,goodput-rate=9000");
  for (auto _ : state) {
    const Verdict verdict = run_check(request, recording, Budget{});
    if (verdict.answer != Answer::kViolated) state.SkipWithError(verdict.summary.c_str());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(recording.history.size()));
}
// The least that any answer about quantiles costs: the latencies, sorted.
void rival_sorting_a_million_latencies(benchmark::State& state) {
  const Recording recording = simulate_load();
  const History& history = recording.history;
  for (auto _ : state) {
    std::vector<std::int64_t> latencies(history.size());
    for (OpIndex op = 0; op < history.size(); ++op) {
      latencies[op] = history.completed()[op] - history.sent()[op];
    }
    std::sort(latencies.begin(), latencies.end());
    benchmark::DoNotOptimize(latencies.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(history.size()));
}
BENCHMARK(slo_of_a_million_operations)->Unit(benchmark::kMillisecond);
BENCHMARK(rival_sorting_a_million_latencies)->Unit(benchmark::kMillisecond);

std::vector<std::string> etcd_files() {
  const char* const folder = std::getenv("SQUALL_HISTORIES");
  std::vector<std::string> files;
  if (folder == nullptr) return files;
  std::ifstream verdicts(std::string(folder) + "/VERDICTS.json");
  for (const auto& entry : nlohmann::json::parse(verdicts)) {
    const std::string file = entry["file"];
    if (file.starts_with("porcupine-etcd/")) files.push_back(std::string(folder) + "/" + file);
  }
  return files;
}

void etcd_histories_in_all(benchmark::State& state) {
  std::vector<Recording> recordings;
  for (const std::string& file : etcd_files()) {
    recordings.emplace_back().history = read_jsonl_file(file).value();
  }
  if (recordings.empty()) state.SkipWithError("SQUALL_HISTORIES is not set");
  const CheckRequest request = *parse_check("linearizable");
  for (auto _ : state) {
    for (const Recording& recording : recordings) {
      benchmark::DoNotOptimize(run_check(request, recording, Budget{}));
    }
  }
  state.counters["histories"] = static_cast<double>(recordings.size());
}
void rival_reading_etcd_histories(benchmark::State& state) {
  const std::vector<std::string> files = etcd_files();
  if (files.empty()) state.SkipWithError("SQUALL_HISTORIES is not set");
  for (auto _ : state) {
    for (const std::string& file : files) benchmark::DoNotOptimize(read_jsonl_file(file));
  }
}
BENCHMARK(etcd_histories_in_all)->Unit(benchmark::kMillisecond);
BENCHMARK(rival_reading_etcd_histories)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace squall
