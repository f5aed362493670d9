// What those who start programs must know of the clock plane: whose clock is to be wrong from the
// first instruction on.  A board between two locks: the agent core's and the supervisor's.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "base/ids.h"
#include "base/time.h"

namespace squall {

struct LaunchSkew {
  Duration offset{0};
  BootTime until;  // it ends by itself then
  friend bool operator==(const LaunchSkew&, const LaunchSkew&) = default;
};

// Thread-safe.
class LaunchSkews {
 public:
  void replace(std::map<ProcessName, LaunchSkew> skews) {
    const std::lock_guard lock(mutex_);
    skews_ = std::move(skews);
  }
  [[nodiscard]] std::optional<LaunchSkew> find(const ProcessName& process) const {
    const std::lock_guard lock(mutex_);
    const auto found = skews_.find(process);
    if (found == skews_.end()) return std::nullopt;
    return found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<ProcessName, LaunchSkew> skews_;
};

}  // namespace squall
