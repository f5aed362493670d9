// Linux: /proc/PID/task/*/schedstat and /proc/stat (proc(5)).
#include "arena/sealed/processor_choice.h"

#include <algorithm>
#include <sstream>
#include <string>

#include "base/files.h"
#include "kernel/one_processor.h"
#include "kernel/process.h"

namespace squall {
namespace {

constexpr Duration kLook = std::chrono::milliseconds(300);

ProcessorShare share_of(pid_t pid) {
  ProcessorShare all;
  for (const pid_t thread : threads_of(pid).value_or({})) {
    const std::string file = "/proc/" + std::to_string(thread) + "/schedstat";
    std::istringstream numbers(read_file(file).value_or(""));
    std::int64_t ran = 0;
    std::int64_t waited = 0;
    if (!(numbers >> ran >> waited)) continue;
    all.ran += Duration(ran);
    all.waited += Duration(waited);
  }
  return all;
}

// "cpu3 user nice system idle iowait irq softirq …", in ticks.
ProcessorLoads loads_of_host() {
  ProcessorLoads loads;
  std::istringstream text(read_file("/proc/stat").value_or(""));
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with("cpu") || line.starts_with("cpu ")) continue;
    std::istringstream words(line.substr(3));
    int number = 0;
    words >> number;
    std::uint64_t busy = 0;
    std::uint64_t ticks = 0;
    for (int field = 0; words >> ticks; ++field) {
      const bool is_idle = field == 3 || field == 4;
      if (!is_idle) busy += ticks;
    }
    loads[number] = busy;
  }
  return loads;
}

}  // namespace

bool is_crowded(const ProcessorShare& share) {
  return share.waited > share.ran / 2;
}

int quietest(const ProcessorLoads& loads, int current) {
  const auto ours = loads.find(current);
  if (ours == loads.end()) return current;
  const auto best = std::min_element(
      loads.begin(), loads.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return best->second < ours->second ? best->first : current;
}

ProcessorChoice::ProcessorChoice(pid_t qemu, int current)
    : qemu_(qemu), current_(current), rng_(static_cast<std::uint64_t>(qemu)) {}

void ProcessorChoice::look(MonoTime now) {
  if (now < next_) return;
  const bool is_first = next_ == MonoTime{};
  next_ = now + kLook;
  const ProcessorShare share = share_of(qemu_);
  const ProcessorShare since{share.ran - last_.ran, share.waited - last_.waited};
  last_ = share;
  // Two machines that crowd each other should not both move, so each moves every other time.
  if (!is_first && is_crowded(since) && rng_.unit() < 0.5) move();
  loads_ = loads_of_host();
}

void ProcessorChoice::move() {
  ProcessorLoads loads = loads_of_host();
  const std::vector<int> allowed = allowed_processors();
  std::erase_if(loads, [&](const auto& load) {
    return std::find(allowed.begin(), allowed.end(), load.first) == allowed.end();
  });
  for (auto& [number, busy] : loads) busy -= std::min(busy, loads_[number]);
  const int best = quietest(loads, current_);
  if (best == current_) return;
  move_to_processor(qemu_, best);
  current_ = best;
}

}  // namespace squall
