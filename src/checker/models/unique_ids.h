// A source of ids: generate never returns one twice.
#pragma once

#include "checker/models/model.h"

namespace squall {

class UniqueIdsModel final : public Model {
 public:
  using Model::Model;
  [[nodiscard]] std::span<const std::string_view> functions() const override {
    static constexpr std::string_view kNames[] = {"generate"};
    return kNames;
  }
  [[nodiscard]] Said read(const SeenOperation& seen) const override {
    if (seen.outcome != Outcome::kOk) return says_nothing();
    return seen.value == kAbsent ? complains("has no value") : says(0, {seen.value});
  }
  [[nodiscard]] std::uint32_t part(const ModelCall& call) const override { return call.args[0]; }
  [[nodiscard]] Words initial() const override { return {0}; }  // was it generated?
  bool step(const ModelCall& /*call*/, Words& state) const override { return state[0]++ == 0; }
  [[nodiscard]] CallTraits traits(const ModelCall& /*call*/) const override { return {}; }
  [[nodiscard]] bool needs(const ModelCall& /*kept*/, const ModelCall& /*dropped*/) const override {
    return false;
  }
  [[nodiscard]] std::string did(const ModelCall& call) const override {
    return "was given " + text(call.args[0]);
  }
  [[nodiscard]] std::string shown(const Words& state) const override {
    return state[0] == 0 ? "a new id" : "an id that had been given";
  }
};

}  // namespace squall
