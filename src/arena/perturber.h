// Carries out what PerturberCore decides, inside the sealed machine: samples the one CPU and holds
// threads of the stack for a moment.  Everything of Squall itself is spared.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arena/perturber_core.h"
#include "base/fd.h"
#include "base/result.h"
#include "kernel/cpu_sampler.h"
#include "kernel/thread_pen.h"

namespace squall {

struct PerturberCounts {
  std::uint64_t holds = 0;
  std::uint64_t yields = 0;
  std::uint64_t others = 0;  // samples that hit a program that is spared, or the kernel
};
[[nodiscard]] std::string to_text(const PerturberCounts& counts);

// Begins: from here on the kernel's random numbers continue differently for each seed.  Call it as
// root of a machine of our own, in its first PID namespace, once the stack is ready; the calling
// process gets a real-time priority.  `directory` must exist and be empty: a controller is mounted
// there meanwhile.  The seed must not be 0.
class Perturber {
 public:
  static Result<Perturber> start(const PerturberSettings& settings, const std::string& directory);
  // Perturbs until `stop` becomes readable or its other end is closed, then lets everybody go.
  [[nodiscard]] Result<PerturberCounts> run_until(const Fd& stop);

 private:
  // The stack is whatever runs neither this program nor in the kernel: agents, body, clients' own
  // threads and init are this program; a kernel thread has no executable.
  class Spared {
   public:
    static Result<Spared> find();
    [[nodiscard]] bool covers(pid_t process) const;

   private:
    Spared(dev_t device, ino_t inode) : device_(device), inode_(inode) {}
    dev_t device_;
    ino_t inode_;
  };

  Perturber(const PerturberSettings& settings, Spared spared, CpuSampler sampler, ThreadPen pen)
      : core_(settings), spared_(spared), sampler_(std::move(sampler)), pen_(std::move(pen)) {}
  Result<> on_sample(const CpuSample& sample);
  Result<> perturb(pid_t thread);
  Result<> hold(pid_t thread);
  Result<> release(const std::vector<pid_t>& threads);
  [[nodiscard]] std::optional<timespec> time_until_release() const;

  PerturberCore core_;
  Spared spared_;
  CpuSampler sampler_;
  ThreadPen pen_;
  PerturberCounts counts_{};
};

// The same in a child of its own.
class PerturberProcess {
 public:
  // Returns once it perturbs.  With seed 0 there is none.
  static Result<PerturberProcess> start(const PerturberSettings& settings);
  // Ends it and says what it did, as text; "" when there was none.
  [[nodiscard]] Result<std::string> stop();

 private:
  explicit PerturberProcess(Fd line) : line_(std::move(line)) {}
  Fd line_;
};

}  // namespace squall
