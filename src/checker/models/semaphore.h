// A semaphore of `permits` permits: acquire and release one, whoever holds them.
#pragma once

#include "checker/models/model.h"

namespace squall {

class SemaphoreModel final : public Model {
 public:
  using Model::Model;
  [[nodiscard]] std::span<const std::string_view> functions() const override {
    static constexpr std::string_view kNames[] = {"acquire|lock", "release|unlock"};
    return kNames;
  }
  [[nodiscard]] Said read(const SeenOperation& seen) const override { return says(seen.kind, {}); }
  [[nodiscard]] Words initial() const override { return {0}; }
  bool step(const ModelCall& call, Words& state) const override {
    if (call.kind == kAcquire) return ++state[0] <= limit();
    return state[0]-- > 0;
  }
  [[nodiscard]] CallTraits traits(const ModelCall& /*call*/) const override { return {}; }
  // Nobody knows whose release follows whose acquire, so neither goes without the other.
  [[nodiscard]] bool needs(const ModelCall& kept, const ModelCall& dropped) const override {
    return kept.kind != dropped.kind;
  }
  [[nodiscard]] std::string did(const ModelCall& call) const override {
    return call.kind == kAcquire ? "acquired" : "released";
  }
  [[nodiscard]] std::string shown(const Words& state) const override {
    return std::to_string(state[0]) + " of " + std::to_string(limit()) + " held";
  }

 private:
  static constexpr std::uint8_t kAcquire = 0;
  [[nodiscard]] std::uint32_t limit() const {
    return options().permits == 0 ? 1 : static_cast<std::uint32_t>(options().permits);
  }
};

}  // namespace squall
