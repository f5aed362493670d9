// The watchdog: a tiny process in its own session that continues and thaws whatever no live lease
// holds, and at the agent's death removes its routing rules.  It outlives an agent that is killed,
// and acts beside one that hangs.
#pragma once

#include <memory>

#include "agent/lease_board.h"
#include "base/fd.h"
#include "base/result.h"

namespace squall {

class Watchdog {
 public:
  // Forks: call it before the process has threads, and before it holds descriptors that must die
  // with it.  The board must be a shared mapping.
  static Result<Watchdog> start(LeaseBoard* board);

  // Tells it to look at the board again: after a lease was taken.
  void wake() const;
  // Readable when the watchdog has died.
  [[nodiscard]] const Fd& pidfd() const { return pidfd_; }
  [[nodiscard]] bool is_alive() const;

 private:
  Watchdog(Fd pidfd, Fd wakeup) : pidfd_(std::move(pidfd)), wakeup_(std::move(wakeup)) {}
  Fd pidfd_;
  Fd wakeup_;
};

}  // namespace squall
