// Which of the host's processors a machine's QEMU stays on.  All its threads are on one, where
// their turns cost least; when others crowd that one, QEMU moves to a quieter one.  A matter of
// speed: the machine does not see it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>

#include "base/rng.h"
#include "base/time.h"

namespace squall {

// What a process got of its processor in some time.
struct ProcessorShare {
  Duration ran{0};
  Duration waited{0};  // ready, but others ran
};
// A third of what it wanted went to others.
[[nodiscard]] bool is_crowded(const ProcessorShare& share);

// How long each processor was busy, in any unit.
using ProcessorLoads = std::map<int, std::uint64_t>;
// The least busy one; `current` when none is less busy than it.
[[nodiscard]] int quietest(const ProcessorLoads& loads, int current);

// One thread at a time.
class ProcessorChoice {
 public:
  // QEMU stands on `current`.
  ProcessorChoice(pid_t qemu, int current);
  // Looks every now and then, however often it is called, and moves QEMU if it should.
  void look(MonoTime now);

 private:
  void move();

  pid_t qemu_;
  int current_;
  Rng rng_;
  MonoTime next_{};
  ProcessorShare last_{};
  ProcessorLoads loads_;
};

}  // namespace squall
