// A lock whose every acquisition hands out a larger number (a fencing token).
#pragma once

#include "checker/models/model.h"

namespace squall {

class FencedLockModel final : public Model {
 public:
  using Model::Model;
  [[nodiscard]] std::span<const std::string_view> functions() const override {
    static constexpr std::string_view kNames[] = {"acquire|lock", "release|unlock"};
    return kNames;
  }
  [[nodiscard]] Said read(const SeenOperation& seen) const override {
    if (seen.kind == kRelease) return says(kRelease, {seen.process});
    if (seen.outcome != Outcome::kOk) return says(kAcquireUnknown, {seen.process});
    if (seen.value == kAbsent || values().kind(seen.value) != ValueKind::kInteger) {
      return complains("has no number as its token");
    }
    const auto token = static_cast<std::uint64_t>(values().as_integer(seen.value));
    return says(kAcquire, {seen.process, static_cast<std::uint32_t>(token >> 32U),
                           static_cast<std::uint32_t>(token)});
  }
  // holder + 1, the least that the latest token can be (below all numbers before the first)
  [[nodiscard]] Words initial() const override { return {0, 0x8000'0000U, 0}; }
  bool step(const ModelCall& call, Words& state) const override {
    if (call.kind == kRelease) {
      if (state[0] != call.args[0] + 1) return false;
      state[0] = 0;
      return true;
    }
    if (state[0] != 0) return false;
    const std::int64_t last = number(state[1], state[2]);
    const bool is_known = call.kind == kAcquire;
    const std::int64_t token = is_known ? number(call.args[1], call.args[2]) : last + 1;
    if (token <= last) return false;
    const auto bits = static_cast<std::uint64_t>(token);
    state = {call.args[0] + 1, static_cast<std::uint32_t>(bits >> 32U),
             static_cast<std::uint32_t>(bits)};
    return true;
  }
  [[nodiscard]] CallTraits traits(const ModelCall& /*call*/) const override { return {}; }
  // A process's holds are its own: those of another one can be left out of any order.
  [[nodiscard]] bool needs(const ModelCall& kept, const ModelCall& dropped) const override {
    return kept.args[0] == dropped.args[0];
  }
  [[nodiscard]] std::string did(const ModelCall& call) const override {
    if (call.kind == kRelease) return "released";
    if (call.kind == kAcquireUnknown) return "acquired";
    return "acquired with token " + std::to_string(number(call.args[1], call.args[2]));
  }
  [[nodiscard]] std::string shown(const Words& state) const override {
    const std::string last = std::to_string(number(state[1], state[2]));
    const bool is_first = state == Words{state[0], 0x8000'0000U, 0};
    return (state[0] == 0 ? "free" : "held") + (is_first ? "" : " after token " + last);
  }

 private:
  static constexpr std::uint8_t kAcquire = 0;
  static constexpr std::uint8_t kRelease = 1;
  static constexpr std::uint8_t kAcquireUnknown = 2;  // crashed: nobody saw its token
  [[nodiscard]] static std::int64_t number(std::uint32_t high, std::uint32_t low) {
    return static_cast<std::int64_t>(std::uint64_t{high} << 32U | low);
  }
};

}  // namespace squall
