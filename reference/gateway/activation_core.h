// Which configuration of a model is active.  Pure: the caller tells the wall clock's time.
#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "reference/registry/records.h"

namespace squall::reference {

// kRevision: a configuration is active as soon as it is seen, so that all gateways switch within
// the registry's delivery time, whatever their clocks say. kWallClock: when the gateway's own clock
// passes the time that is written in it.  Gateways whose clocks differ switch at different moments,
// and a user who meets both sees both versions.
enum class Activation { kRevision, kWallClock };
[[nodiscard]] Result<Activation> activation_from_text(std::string_view text);

class ActivationCore {
 public:
  // More configurations may not wait for their time; the oldest is dropped.
  static constexpr std::size_t kMaxPending = 16;

  explicit ActivationCore(Activation activation) : activation_(activation) {}

  enum class Offer { kTaken, kKnown, kOld };
  // kOld: an epoch below one that was seen already; it is ignored, because a delayed writer must
  // not take us back.
  Offer offer(const ModelConfig& config);

  // The configuration that became active with this call, if one did.
  [[nodiscard]] std::optional<ModelConfig> advance(WallTime now);
  // Null: none yet.
  [[nodiscard]] const ModelConfig* active() const { return active_ ? &*active_ : nullptr; }
  // The time that the next one waits for; only with kWallClock.
  [[nodiscard]] std::optional<WallTime> waits_for() const;

 private:
  Activation activation_;
  std::map<std::int64_t, ModelConfig> pending_{};  // by epoch
  std::optional<ModelConfig> active_{};
  std::int64_t newest_ = 0;  // epoch seen
};

}  // namespace squall::reference
