// When which configuration of a model is written.  Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "reference/registry/records.h"

namespace squall::reference {

struct RolloutStep {
  Duration at{0};           // since the start
  Duration activate_in{0};  // from the moment of writing; 0: at once
  ModelConfig config{};     // without its activation time

  friend bool operator==(const RolloutStep&, const RolloutStep&) = default;
};

inline constexpr std::size_t kMaxRolloutSteps = 1000;

// "8s:epoch=2,stable=2,canary=3,canary-percent=10,activate-in=2s": a time, then names and values.
// Without `epoch` it is one more than the one before; what else is left out stays as it was.
[[nodiscard]] Result<RolloutStep> parse_rollout_step(std::string_view text,
                                                     const RolloutStep& before);

// The first configuration, and the steps in the order of their times.  Epochs have to go up.
[[nodiscard]] Result<std::vector<RolloutStep>> parse_rollout(const RolloutStep& first,
                                                             const std::vector<std::string>& steps);

}  // namespace squall::reference
