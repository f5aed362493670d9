// A queue without order (a bag): enqueue, dequeue anything (nil: it was empty).
#pragma once

#include <algorithm>

#include "checker/models/model.h"
#include "checker/models/special_calls.h"

namespace squall {

class UnorderedQueueModel final : public Model {
 public:
  using Model::Model;
  [[nodiscard]] std::span<const std::string_view> functions() const override {
    static constexpr std::string_view kNames[] = {"enqueue|enq|offer", "dequeue|deq|poll"};
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
        state.insert(std::upper_bound(state.begin(), state.end(), call.args[0]), call.args[0]);
        return true;
      case kTake: {
        const auto at = std::lower_bound(state.begin(), state.end(), call.args[0]);
        if (at == state.end() || *at != call.args[0]) return false;
        state.erase(at);
        return true;
      }
      case kFoundNone:
        return state.empty();
      default:         // kTakeUnknown
        return false;  // its alternatives are tried
    }
  }
  [[nodiscard]] CallTraits traits(const ModelCall& call) const override {
    return {.is_pure = call.kind == kFoundNone, .is_total = call.kind == kPut};
  }
  // A value goes with all that put it and all that took it, or not at all.
  [[nodiscard]] bool needs(const ModelCall& kept, const ModelCall& dropped) const override {
    if (dropped.kind == kTakeUnknown) return kept.kind == kFoundNone;
    if (call_is_of_value(kept) && call_is_of_value(dropped)) {
      return kept.kind != dropped.kind && kept.args == dropped.args;
    }
    return false;
  }
  [[nodiscard]] std::vector<ModelCall> alternatives(const ModelCall& call,
                                                    std::span<const ModelCall> all) const override {
    std::vector<ModelCall> takes;
    for (const ModelCall& other : all) {
      if (call.kind == kTakeUnknown && other.kind == kPut) takes.push_back({kTake, other.args});
    }
    return takes;
  }
  [[nodiscard]] SpecialOutcome decide(std::span<const OrderOp> ops,
                                      std::span<const ModelCall> calls) const override {
    return decide_queue(ops, calls, QueueOrder::kNone);
  }
  [[nodiscard]] std::string did(const ModelCall& call) const override {
    if (call.kind == kPut) return "enqueued " + text(call.args[0]);
    return call.kind == kTake ? "dequeued " + text(call.args[0]) : "found nothing to dequeue";
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
