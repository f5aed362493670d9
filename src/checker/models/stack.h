// A stack, last in first out: push, pop (nil: it was empty).
#pragma once

#include "checker/models/model.h"

namespace squall {

class StackModel final : public Model {
 public:
  using Model::Model;
  [[nodiscard]] std::span<const std::string_view> functions() const override {
    static constexpr std::string_view kNames[] = {"push", "pop"};
    return kNames;
  }
  [[nodiscard]] Said read(const SeenOperation& seen) const override {
    if (seen.kind == kPut) {
      return seen.value == kAbsent ? complains("has no value") : says(kPut, {seen.value});
    }
    if (seen.outcome != Outcome::kOk) return says(kTakeUnknown, {});
    if (seen.value == kAbsent) return complains("has no value");
    if (seen.value != kNil) return says(kTake, {seen.value});
    return options().is_nil_wildcard ? says_nothing() : says(kFoundNone, {});
  }
  [[nodiscard]] Words initial() const override { return {}; }
  bool step(const ModelCall& call, Words& state) const override {
    switch (call.kind) {
      case kPut:
        state.push_back(call.args[0]);
        return true;
      case kTake:
        if (state.empty() || state.back() != call.args[0]) return false;
        state.pop_back();
        return true;
      case kFoundNone:
        return state.empty();
      default:  // kTakeUnknown
        if (!state.empty()) state.pop_back();
        return true;
    }
  }
  [[nodiscard]] CallTraits traits(const ModelCall& call) const override {
    return {.is_pure = call.kind == kFoundNone, .is_total = call.kind == kPut};
  }
  // A value goes with all that put it and all that took it, or not at all.
  [[nodiscard]] bool needs(const ModelCall& kept, const ModelCall& dropped) const override {
    if (dropped.kind == kTakeUnknown) return kept.kind == kTake || kept.kind == kFoundNone;
    if (call_is_of_value(kept) && call_is_of_value(dropped)) {
      return kept.kind != dropped.kind && kept.args == dropped.args;
    }
    return false;
  }
  [[nodiscard]] std::string did(const ModelCall& call) const override {
    if (call.kind == kPut) return "pushed " + text(call.args[0]);
    return call.kind == kTake ? "popped " + text(call.args[0]) : "found nothing to pop";
  }
  [[nodiscard]] std::string shown(const Words& state) const override { return list_text(state); }

 private:
  static constexpr std::uint8_t kPut = 0;
  static constexpr std::uint8_t kTake = 1;
  static constexpr std::uint8_t kFoundNone = 2;
  static constexpr std::uint8_t kTakeUnknown = 3;  // crashed: nobody saw what it took
  [[nodiscard]] static bool call_is_of_value(const ModelCall& call) { return call.kind <= kTake; }
};

}  // namespace squall
