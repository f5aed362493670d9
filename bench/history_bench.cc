// What recording costs: appending an operation, bringing operations to disk, reading them back.
// The run file stands beside a physical limit: writing as many bytes to the same disk in sequence.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/fd.h"
#include "history/history.h"
#include "history/jsonl.h"
#include "history/run_file.h"

namespace squall {
namespace {

constexpr int kOperations = 300'000;  // one second of the goal
constexpr int kKeys = 1000;           // 300 operations each

void append_operations(History& history, int count) {
  const FunctionId write = history.functions().intern("write");
  for (int i = 0; i < count; ++i) {
    const auto n = static_cast<std::int64_t>(history.size());
    history.append({.scheduled = n * 3300,
                    .sent = n * 3300 + 128,
                    .first_byte = n * 3300 + 30'000,
                    .completed = n * 3300 + 40'000,
                    .process = static_cast<ProcessIndex>(n % 16),
                    .function = write,
                    .outcome = Outcome::kOk,
                    .key = history.values().integer(n % kKeys),
                    .value = history.values().integer(n)});
  }
}

History history_of(int count) {
  History history;
  for (int i = 0; i < 16; ++i) history.add_process({.client = "kv", .id = i, .node = "e1"});
  append_operations(history, count);
  return history;
}

// A place on the disk of the working directory, since /tmp may be memory.
std::string scratch_path() {
  return (std::filesystem::current_path() / "history_bench.squall").string();
}

void remove_run_file(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    std::filesystem::remove(path + suffix);
  }
}

void append_to_history(benchmark::State& state) {
  for (auto _ : state) {
    History history = history_of(kOperations);
    benchmark::DoNotOptimize(history.size());
  }
  state.SetItemsProcessed(state.iterations() * kOperations);
}
BENCHMARK(append_to_history)->Unit(benchmark::kMillisecond);

// A flush each `range` operations: 300 000 is one second's worth at the goal, 10 000 a slower run.
void write_run_file(benchmark::State& state) {
  const History history = history_of(kOperations);
  const auto rows_per_flush = static_cast<int>(state.range(0));
  std::uintmax_t size = 0;
  for (auto _ : state) {
    Result<RunFileWriter> writer = RunFileWriter::create(scratch_path());
    CHECK(writer.ok());
    History growing = history_of(0);
    for (int done = 0; done < kOperations; done += rows_per_flush) {
      append_operations(growing, std::min(rows_per_flush, kOperations - done));
      writer->add_operations(growing, static_cast<OpIndex>(done));
      CHECK(writer->flush().ok());
    }
    CHECK(writer->close().ok());
    size = std::filesystem::file_size(scratch_path());
    remove_run_file(scratch_path());
  }
  state.SetItemsProcessed(state.iterations() * kOperations);
  state.counters["bytes_per_operation"] = static_cast<double>(size) / kOperations;
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}
BENCHMARK(write_run_file)->Arg(300'000)->Arg(10'000)->Unit(benchmark::kMillisecond)->UseRealTime();

// The limit: as many bytes as the run file has, written in sequence and synced once.
void write_plain_bytes(benchmark::State& state) {
  constexpr std::size_t kBytes = std::size_t{18} << 20U;
  const std::string chunk(std::size_t{1} << 20U, 'x');
  for (auto _ : state) {
    const Fd fd(::open(scratch_path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    for (std::size_t done = 0; done < kBytes; done += chunk.size()) {
      CHECK(::write(fd.get(), chunk.data(), chunk.size()) == static_cast<ssize_t>(chunk.size()));
    }
    CHECK(::fdatasync(fd.get()) == 0);
    remove_run_file(scratch_path());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBytes));
}
BENCHMARK(write_plain_bytes)->Unit(benchmark::kMillisecond)->UseRealTime();

void read_run_file_back(benchmark::State& state) {
  Result<RunFileWriter> writer = RunFileWriter::create(scratch_path());
  CHECK(writer.ok());
  writer->add_operations(history_of(kOperations), 0);
  CHECK(writer->close().ok());
  for (auto _ : state) CHECK(read_run_file(scratch_path())->history.size() == kOperations);
  state.SetItemsProcessed(state.iterations() * kOperations);
  remove_run_file(scratch_path());
}
BENCHMARK(read_run_file_back)->Unit(benchmark::kMillisecond);

void parse_json_lines(benchmark::State& state) {
  const std::string text = write_jsonl(history_of(kOperations));
  for (auto _ : state) CHECK(read_jsonl(text, "bench").ok());
  state.SetItemsProcessed(state.iterations() * kOperations);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(parse_json_lines)->Unit(benchmark::kMillisecond);

void digest_history(benchmark::State& state) {
  const History history = history_of(kOperations);
  for (auto _ : state) benchmark::DoNotOptimize(history.digest());
  state.SetItemsProcessed(state.iterations() * kOperations);
}
BENCHMARK(digest_history)->Unit(benchmark::kMillisecond);

// Reads of a growing set, thousands of elements each: what set-full histories are made of.
void intern_set_reads(benchmark::State& state) {
  std::int64_t items = 0;
  for (auto _ : state) {
    Values values;
    std::vector<ValueId> set;
    for (int i = 0; i < 4000; ++i) {
      set.push_back(values.integer(i));
      if (i % 10 == 0) benchmark::DoNotOptimize(values.list(set));
      items += i % 10 == 0 ? i : 0;
    }
  }
  state.SetItemsProcessed(items);
}
BENCHMARK(intern_set_reads)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace squall
