// Epochs only go up.
#include "reference/gateway/activation_core.h"

#include "base/nearest.h"

namespace squall::reference {

Result<Activation> activation_from_text(std::string_view text) {
  if (text == "revision") return Activation::kRevision;
  if (text == "wallclock") return Activation::kWallClock;
  return Error{Errc::kInvalid, "'" + std::string(text) + "' is not a kind of activation" +
                                   suggestion(text, {"revision", "wallclock"})};
}

ActivationCore::Offer ActivationCore::offer(const ModelConfig& config) {
  if (config.epoch < newest_) return Offer::kOld;
  if (config.epoch == newest_) return Offer::kKnown;
  newest_ = config.epoch;
  pending_.emplace(config.epoch, config);
  if (pending_.size() > kMaxPending) pending_.erase(pending_.begin());
  return Offer::kTaken;
}

std::optional<ModelConfig> ActivationCore::advance(WallTime now) {
  auto due = pending_.end();
  for (auto it = pending_.begin(); it != pending_.end(); ++it) {
    // A gateway that has just started knows no other configuration: serving by one that is early is
    // better than not serving.
    const bool is_first = !active_ && due == pending_.end();
    if (activation_ == Activation::kRevision || it->second.activate <= now || is_first) due = it;
  }
  if (due == pending_.end()) return std::nullopt;
  active_ = due->second;
  pending_.erase(pending_.begin(), std::next(due));
  return active_;
}

std::optional<WallTime> ActivationCore::waits_for() const {
  if (pending_.empty() || activation_ == Activation::kRevision) return std::nullopt;
  return pending_.begin()->second.activate;
}

}  // namespace squall::reference
