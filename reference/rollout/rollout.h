// Carries out a rollout's steps at their times, each as often as it takes.
#pragma once

#include <string>
#include <vector>

#include "reference/base/log.h"
#include "reference/base/loop.h"
#include "reference/rollout/publisher.h"
#include "reference/rollout/rollout_plan.h"

namespace squall::reference {

// Loop thread only; the registry's calls block it.
class Rollout {
 public:
  Rollout(Loop& loop, const Clock& clock, Log& log, EtcdClient& registry, std::string model)
      : clock_(clock), log_(log), registry_(registry), model_(std::move(model)), timer_(loop) {}

  // Steps in the order of their times, which count from now.
  void start(std::vector<RolloutStep> steps);
  // Of the steps, so far.
  [[nodiscard]] std::size_t done() const { return next_; }

 private:
  void wait_for_next();
  void try_step();

  const Clock& clock_;
  Log& log_;
  EtcdClient& registry_;
  std::string model_;
  Timer timer_;
  MonoTime since_{};
  std::vector<RolloutStep> steps_{};
  std::size_t next_ = 0;
};

}  // namespace squall::reference
