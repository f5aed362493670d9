// The perturber's loop.
#include "arena/perturber.h"

#include <fcntl.h>
#include <linux/random.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "kernel/cpu_sampler.h"
#include "kernel/pseudo_file.h"
#include "kernel/thread_pen.h"

namespace squall {
namespace {

constexpr std::size_t kEntropyWords = 16;
constexpr int kPriority = 50;  // above every thread that is no real-time thread itself

// Lets all that the kernel draws from now on (getrandom, netem's dice, sequence numbers) follow
// from the seed as well.
Result<> reseed_kernel(std::uint64_t seed) {
  // rand_pool_info: how many bits it is worth, how many bytes follow, and these.
  std::array<int, 2 + kEntropyWords> entropy{};
  entropy.at(0) = static_cast<int>(32 * kEntropyWords);
  entropy.at(1) = static_cast<int>(4 * kEntropyWords);
  Rng rng = Rng(seed).split("entropy");
  for (std::size_t i = 2; i < entropy.size(); ++i) entropy.at(i) = static_cast<int>(rng.next());
  const Fd device(::open("/dev/urandom", O_RDWR | O_CLOEXEC));
  if (!device.is_open()) return errno_error("open /dev/urandom");
  if (::ioctl(device.get(), RNDADDENTROPY, entropy.data()) != 0 ||
      ::ioctl(device.get(), RNDRESEEDCRNG) != 0) {
    return errno_error("seed the kernel's random numbers");
  }
  return {};
}

Result<> become_real_time() {
  sched_param priority{};
  priority.sched_priority = kPriority;
  if (::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority) != 0) {
    return errno_error("get a real-time priority");
  }
  (void)::prctl(PR_SET_TIMERSLACK, 1);  // releases in time
  return {};
}

// To the end of its queue: whoever waits runs first.  A thread that is about to leave needs none.
void yield_for(pid_t thread) {
  const sched_param none{};
  const int policy = ::sched_getscheduler(thread);
  if (policy != SCHED_OTHER) return;  // it has asked for something else: leave it alone
  if (::sched_setscheduler(thread, SCHED_IDLE, &none) == 0) {
    (void)::sched_setscheduler(thread, SCHED_OTHER, &none);
  }
}

}  // namespace

std::string to_text(const PerturberCounts& counts) {
  return "held " + std::to_string(counts.holds) + " threads, made " +
         std::to_string(counts.yields) + " yield, met others " + std::to_string(counts.others) +
         " times";
}

Result<Perturber::Spared> Perturber::Spared::find() {
  struct stat own {};
  if (::stat("/proc/self/exe", &own) != 0) return errno_error("look up our own program");
  return Spared(own.st_dev, own.st_ino);
}

bool Perturber::Spared::covers(pid_t process) const {
  struct stat seen {};
  const std::string path = "/proc/" + std::to_string(process) + "/exe";
  if (process <= 1 || ::stat(path.c_str(), &seen) != 0) return true;
  return seen.st_dev == device_ && seen.st_ino == inode_;
}

Result<Perturber> Perturber::start(const PerturberSettings& settings,
                                   const std::string& directory) {
  TRY(validate(settings));
  const Spared spared = TRY(Spared::find());
  ThreadPen pen = TRY(ThreadPen::create(directory));
  TRY(reseed_kernel(settings.seed));
  CpuSampler sampler = TRY(CpuSampler::open(0, draw_character(settings).gap_mean));
  TRY(become_real_time());
  return Perturber(settings, spared, std::move(sampler), std::move(pen));
}

Result<PerturberCounts> Perturber::run_until(const Fd& stop) {
  std::array<pollfd, 2> inputs = {{{sampler_.event().get(), POLLIN, 0}, {stop.get(), POLLIN, 0}}};
  while (inputs[1].revents == 0) {
    const std::optional<timespec> wait = time_until_release();
    const timespec* bound = wait ? &*wait : nullptr;
    if (::ppoll(inputs.data(), inputs.size(), bound, nullptr) < 0 && errno != EINTR) {
      return errno_error("wait for a sample");
    }
    TRY(release(core_.released(system_clock().mono())));
    if (const std::optional<CpuSample> sample = sampler_.take()) TRY(on_sample(*sample));
  }
  TRY(release(core_.release_all()));
  TRY(pen_.remove());
  return counts_;
}

Result<> Perturber::on_sample(const CpuSample& sample) {
  if (spared_.covers(sample.process)) {
    ++counts_.others;
    core_.skip_sample();
  } else {
    TRY(perturb(sample.thread));
  }
  return sampler_.set_gap(core_.next_gap());
}

Result<> Perturber::perturb(pid_t thread) {
  switch (core_.on_sample(thread, system_clock().mono())) {
    case Perturbation::kNone:
      return {};
    case Perturbation::kYield:
      ++counts_.yields;
      yield_for(thread);
      return {};
    case Perturbation::kHold:
      return hold(thread);
  }
  return {};
}

Result<> Perturber::hold(pid_t thread) {
  const Result<> held = pen_.hold(thread);
  if (held.ok()) {
    ++counts_.holds;
    return {};
  }
  core_.forget(thread);
  if (held.error().code != Errc::kNotFound) return held;
  return {};  // it has gone meanwhile
}

Result<> Perturber::release(const std::vector<pid_t>& threads) {
  for (const pid_t thread : threads) TRY(pen_.release(thread));
  return {};
}

std::optional<timespec> Perturber::time_until_release() const {
  const std::optional<MonoTime> next = core_.next_release();
  if (!next) return std::nullopt;
  const Duration left = std::max(*next - system_clock().mono(), Duration{0});
  const auto seconds = duration_cast<std::chrono::seconds>(left);
  return timespec{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
}

}  // namespace squall
