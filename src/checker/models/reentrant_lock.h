// A lock that its holder may acquire again, `permits` times at once (0: any number).
#pragma once

#include "checker/models/model.h"

namespace squall {

class ReentrantLockModel final : public Model {
 public:
  using Model::Model;
  [[nodiscard]] std::span<const std::string_view> functions() const override {
    static constexpr std::string_view kNames[] = {"acquire|lock", "release|unlock"};
    return kNames;
  }
  [[nodiscard]] Said read(const SeenOperation& seen) const override {
    return says(seen.kind, {seen.process});
  }
  [[nodiscard]] Words initial() const override { return {0, 0}; }  // holder + 1, how often
  bool step(const ModelCall& call, Words& state) const override {
    const std::uint32_t holder = call.args[0] + 1;
    if (call.kind == kAcquire) {
      if (state[1] != 0 && state[0] != holder) return false;
      state = {holder, state[1] + 1};
      return options().permits == 0 || state[1] <= static_cast<std::uint32_t>(options().permits);
    }
    if (state[0] != holder) return false;
    state = state[1] == 1 ? Words{0, 0} : Words{holder, state[1] - 1};
    return true;
  }
  [[nodiscard]] CallTraits traits(const ModelCall& /*call*/) const override { return {}; }
  // A process's holds are its own: those of another one can be left out of any order.
  [[nodiscard]] bool needs(const ModelCall& kept, const ModelCall& dropped) const override {
    return kept.args[0] == dropped.args[0];
  }
  [[nodiscard]] std::string did(const ModelCall& call) const override {
    return call.kind == kAcquire ? "acquired" : "released";
  }
  [[nodiscard]] std::string shown(const Words& state) const override {
    if (state[1] == 0) return "free";
    return state[1] == 1 ? "held once" : "held " + std::to_string(state[1]) + " times";
  }

 private:
  static constexpr std::uint8_t kAcquire = 0;
};

}  // namespace squall
