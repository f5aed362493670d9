// A mutex: acquire, release; whoever holds it may be released by anybody.
#pragma once

#include "checker/models/model.h"

namespace squall {

class MutexModel final : public Model {
 public:
  using Model::Model;
  [[nodiscard]] std::span<const std::string_view> functions() const override {
    static constexpr std::string_view kNames[] = {"acquire|lock", "release|unlock"};
    return kNames;
  }
  [[nodiscard]] Said read(const SeenOperation& seen) const override { return says(seen.kind, {}); }
  [[nodiscard]] Words initial() const override { return {options().init_text == "held" ? 1U : 0U}; }
  bool step(const ModelCall& call, Words& state) const override {
    if ((state[0] == 0) != (call.kind == kAcquire)) return false;
    state[0] = call.kind == kAcquire ? 1 : 0;
    return true;
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
    return state[0] == 0 ? "free" : "held";
  }

 private:
  static constexpr std::uint8_t kAcquire = 0;
};

}  // namespace squall
