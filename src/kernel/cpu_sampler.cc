// perf_event_open(2): PERF_COUNT_SW_CPU_CLOCK, read through its ring.
#include "kernel/cpu_sampler.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#include "kernel/pseudo_file.h"

namespace squall {
namespace {

std::size_t page_size() {
  return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::byte* records_of(void* ring) {
  return static_cast<std::byte*>(ring) + page_size();
}

// Records wrap around the end of the page; whoever reads one gets it byte by byte.
template <typename T>
T read_at(void* ring, std::uint64_t at) {
  std::array<std::byte, sizeof(T)> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes.at(i) = records_of(ring)[(at + i) % page_size()];
  }
  T value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

struct Ids {
  std::uint32_t process;
  std::uint32_t thread;
};

}  // namespace

Result<CpuSampler> CpuSampler::open(int cpu, Duration first_gap) {
  perf_event_attr wanted{};
  wanted.size = sizeof wanted;
  wanted.type = PERF_TYPE_SOFTWARE;
  wanted.config = PERF_COUNT_SW_CPU_CLOCK;
  wanted.sample_period = static_cast<std::uint64_t>(first_gap.count());
  wanted.sample_type = PERF_SAMPLE_TID;
  wanted.wakeup_events = 1;
  wanted.exclude_idle = 1;
  const long opened =
      ::syscall(SYS_perf_event_open, &wanted, -1, cpu, -1, std::uint64_t{PERF_FLAG_FD_CLOEXEC});
  if (opened < 0) return kernel_error("sample CPU " + std::to_string(cpu));
  Fd event(static_cast<int>(opened));
  void* ring = ::mmap(nullptr, 2 * page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, event.get(), 0);
  if (ring == MAP_FAILED) return kernel_error("map the samples of CPU " + std::to_string(cpu));
  return CpuSampler(std::move(event), ring);
}

CpuSampler::CpuSampler(CpuSampler&& other) noexcept
    : event_(std::move(other.event_)),
      ring_(std::exchange(other.ring_, nullptr)),
      tail_(other.tail_) {}

CpuSampler::~CpuSampler() {
  if (ring_ != nullptr) (void)::munmap(ring_, 2 * page_size());
}

std::optional<CpuSample> CpuSampler::take() {
  auto* control = static_cast<perf_event_mmap_page*>(ring_);
  const std::uint64_t head = __atomic_load_n(&control->data_head, __ATOMIC_ACQUIRE);
  std::optional<CpuSample> newest;
  while (tail_ < head) {
    const auto header = read_at<perf_event_header>(ring_, tail_);
    if (header.type == PERF_RECORD_SAMPLE) {
      const auto ids = read_at<Ids>(ring_, tail_ + sizeof header);
      newest = CpuSample{.process = static_cast<pid_t>(ids.process),
                         .thread = static_cast<pid_t>(ids.thread)};
    }
    tail_ += header.size;
  }
  __atomic_store_n(&control->data_tail, tail_, __ATOMIC_RELEASE);
  return newest;
}

Result<> CpuSampler::set_gap(Duration gap) {
  auto period = static_cast<std::uint64_t>(gap.count());
  if (::ioctl(event_.get(), PERF_EVENT_IOC_PERIOD, &period) == 0) return {};
  return kernel_error("set the gap between two samples");
}

}  // namespace squall
