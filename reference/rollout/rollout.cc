// A timer per step.
#include "reference/rollout/rollout.h"

namespace squall::reference {
namespace {

constexpr Duration kTryLimit = std::chrono::seconds(2);
constexpr Duration kRetryPause = std::chrono::milliseconds(200);

// Rounded up: a configuration must not be active before its time.
WallTime at_millis(WallTime time) {
  return {std::chrono::ceil<std::chrono::milliseconds>(time.since_epoch)};
}

}  // namespace

void Rollout::start(std::vector<RolloutStep> steps) {
  since_ = clock_.mono();
  steps_ = std::move(steps);
  next_ = 0;
  wait_for_next();
}

void Rollout::wait_for_next() {
  if (next_ == steps_.size()) return log_.info("plan-done");
  timer_.after(since_ + steps_[next_].at - clock_.mono(), [this] {
    RolloutStep& step = steps_[next_];
    // Fixed before the first try, so that a second one writes the same configuration.
    if (step.activate_in > Duration(0)) {
      step.config.activate = at_millis(clock_.wall() + step.activate_in);
    }
    try_step();
  });
}

void Rollout::try_step() {
  const ModelConfig& config = steps_[next_].config;
  const Result<Published> published = publish(registry_, model_, config, clock_.mono() + kTryLimit);
  if (!published.ok() || *published == Published::kRaced) {
    log_.warning("publish-failed",
                 {{"model", model_},
                  {"epoch", config.epoch},
                  {"why", published.ok() ? to_text(*published) : published.error().what}});
    return timer_.after(kRetryPause, [this] { try_step(); });
  }
  log_.info("published", {{"model", model_},
                          {"epoch", config.epoch},
                          {"outcome", to_text(*published)},
                          {"stable", config.stable},
                          {"canary", config.canary},
                          {"canary_percent", config.canary_percent},
                          {"activate_unix_ms", config.activate.ns() / 1'000'000}});
  ++next_;
  wait_for_next();
}

}  // namespace squall::reference
