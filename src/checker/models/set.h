// A set: add, remove, contains [value,true], read of everything as a list.
#pragma once

#include <algorithm>

#include "checker/models/model.h"
#include "checker/models/special_calls.h"

namespace squall {

class SetModel final : public Model {
 public:
  using Model::Model;
  [[nodiscard]] std::span<const std::string_view> functions() const override {
    static constexpr std::string_view kNames[] = {"add|insert", "remove|delete", "read",
                                                  "contains"};
    return kNames;
  }
  [[nodiscard]] Said read(const SeenOperation& seen) const override {
    if (seen.value == kAbsent)
      return seen.kind >= kRead ? says_nothing() : complains("has no value");
    if (seen.kind < kRead) return says(seen.kind, {seen.value});
    if (seen.outcome != Outcome::kOk) return says_nothing();
    if (seen.value == kNil) {
      return options().is_nil_wildcard || seen.kind != kRead ? says_nothing() : says(kRead, {});
    }
    if (values().kind(seen.value) != ValueKind::kList) return complains("has no list");
    const auto items = values().as_list(seen.value);
    Words words(items.begin(), items.end());
    if (seen.kind == kContains) return contains(words);
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return says(kRead, std::move(words));
  }
  [[nodiscard]] Words initial() const override { return {}; }
  bool step(const ModelCall& call, Words& state) const override {
    if (call.kind == kRead) return state == call.args;
    const auto at = std::lower_bound(state.begin(), state.end(), call.args[0]);
    const bool is_in = at != state.end() && *at == call.args[0];
    if (call.kind == kContains) return is_in == (call.args[1] != 0);
    if (call.kind == kAdd && !is_in) state.insert(at, call.args[0]);
    if (call.kind == kRemove && is_in) state.erase(at);
    return true;
  }
  [[nodiscard]] CallTraits traits(const ModelCall& call) const override {
    return {.is_pure = call.kind >= kRead, .is_total = call.kind < kRead};
  }
  [[nodiscard]] bool needs(const ModelCall& kept, const ModelCall& dropped) const override {
    if (kept.kind < kRead || dropped.kind >= kRead) return false;
    const std::uint32_t value = dropped.args[0];
    if (kept.kind == kContains) {
      return kept.args[0] == value && (kept.args[1] != 0) == (dropped.kind == kAdd);
    }
    const bool is_in = std::binary_search(kept.args.begin(), kept.args.end(), value);
    return is_in == (dropped.kind == kAdd);
  }
  [[nodiscard]] SpecialOutcome decide(std::span<const OrderOp> ops,
                                      std::span<const ModelCall> calls) const override {
    return decide_growing_set(ops, calls);
  }
  [[nodiscard]] std::string did(const ModelCall& call) const override {
    if (call.kind == kRead) return "read " + list_text(call.args);
    if (call.kind == kAdd) return "added " + text(call.args[0]);
    if (call.kind == kRemove) return "removed " + text(call.args[0]);
    return (call.args[1] != 0 ? "found " : "did not find ") + text(call.args[0]);
  }
  [[nodiscard]] std::string shown(const Words& state) const override { return list_text(state); }

 private:
  static constexpr std::uint8_t kAdd = 0;
  static constexpr std::uint8_t kRemove = 1;
  static constexpr std::uint8_t kRead = 2;
  static constexpr std::uint8_t kContains = 3;

  [[nodiscard]] Said contains(const Words& words) const {
    if (words.size() != 2 || values().kind(words[1]) != ValueKind::kBoolean) {
      return complains("has no [value,true] or [value,false]");
    }
    return says(kContains, {words[0], values().as_boolean(words[1]) ? 1U : 0U});
  }
};

}  // namespace squall
