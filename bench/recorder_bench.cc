// What recording one operation (invocation and completion) costs while a reader follows, beside
// copying the same bytes.
#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

#include "workload/recorder_ring.h"
#include "workload/ring_file.h"

namespace squall {
namespace {

constexpr std::size_t kOperationBytes = 2 * (sizeof(ring::Record) + 32);

void record_operation(RecorderWriter& writer, std::int64_t number) {
  writer.record({.kind = RecordedEvent::Kind::kInvoke,
                 .process = 1,
                 .at = number,
                 .scheduled = number,
                 .function = "write",
                 .key = "\"etcd/12\"",
                 .value = "30000001"});
  writer.record({.kind = RecordedEvent::Kind::kOk,
                 .process = 1,
                 .at = number + 1,
                 .first_byte = number,
                 .function = "write",
                 .key = "\"etcd/12\""});
}

void BM_RecordOneOperation(benchmark::State& state) {
  std::string folder = (std::filesystem::temp_directory_path() / "squall-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return state.SkipWithError("no temporary folder");
  const std::string path = folder + "/ring";
  RecorderReader reader = *RecorderReader::create(path);
  RecorderWriter writer = *RecorderWriter::open(path);
  std::atomic<bool> is_over = false;
  std::uint64_t events = 0;
  std::thread follower([&] {
    while (true) {
      const bool is_last = is_over;
      while (reader.next().value()) ++events;
      if (is_last) return;
      std::this_thread::yield();
    }
  });
  std::int64_t number = 0;
  for (auto _ : state) record_operation(writer, ++number);
  is_over = true;
  follower.join();
  if (events != static_cast<std::uint64_t>(number) * 2) state.SkipWithError("events were lost");
  state.counters["waits"] = static_cast<double>(reader.waits());
  state.SetItemsProcessed(number);
  std::filesystem::remove_all(folder);
}
BENCHMARK(BM_RecordOneOperation)->UseRealTime();

void BM_CopyTheSameBytes(benchmark::State& state) {
  std::vector<char> target(std::size_t{4} << 20U);
  const std::array<char, kOperationBytes> source{};
  std::size_t at = 0;
  for (auto _ : state) {
    if (at + source.size() > target.size()) at = 0;
    std::memcpy(target.data() + at, source.data(), source.size());
    benchmark::ClobberMemory();
    at += source.size();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(BM_CopyTheSameBytes)->UseRealTime();

}  // namespace
}  // namespace squall
