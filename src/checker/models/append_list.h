// A list: append, read of the whole list.
#pragma once

#include <algorithm>

#include "checker/models/model.h"

namespace squall {

class AppendListModel final : public Model {
 public:
  using Model::Model;
  [[nodiscard]] std::span<const std::string_view> functions() const override {
    static constexpr std::string_view kNames[] = {"append", "read"};
    return kNames;
  }
  [[nodiscard]] Said read(const SeenOperation& seen) const override {
    if (seen.kind == kAppend) {
      return seen.value == kAbsent ? complains("has no value") : says(kAppend, {seen.value});
    }
    if (seen.outcome != Outcome::kOk || seen.value == kAbsent) return says_nothing();
    if (seen.value == kNil) return options().is_nil_wildcard ? says_nothing() : says(kRead, {});
    if (values().kind(seen.value) != ValueKind::kList) return complains("has no list");
    const auto items = values().as_list(seen.value);
    return says(kRead, Words(items.begin(), items.end()));
  }
  // All lists of one order are prefixes of each other: what differs from the longest one that was
  // read is impossible at any time.
  void prepare(std::span<const ModelCall> calls) override {
    longest_.clear();
    for (const ModelCall& call : calls) {
      if (call.kind == kRead && call.args.size() > longest_.size()) longest_ = call.args;
    }
  }
  [[nodiscard]] Words initial() const override { return {}; }
  bool step(const ModelCall& call, Words& state) const override {
    if (call.kind == kRead) return state == call.args;
    if (state.size() < longest_.size() && longest_[state.size()] != call.args[0]) return false;
    state.push_back(call.args[0]);
    return true;
  }
  [[nodiscard]] CallTraits traits(const ModelCall& call) const override {
    return {.is_pure = call.kind == kRead};
  }
  [[nodiscard]] bool needs(const ModelCall& kept, const ModelCall& dropped) const override {
    return kept.kind == kRead && dropped.kind == kAppend &&
           std::find(kept.args.begin(), kept.args.end(), dropped.args[0]) != kept.args.end();
  }
  [[nodiscard]] std::string did(const ModelCall& call) const override {
    return call.kind == kRead ? "read " + list_text(call.args) : "appended " + text(call.args[0]);
  }
  [[nodiscard]] std::string shown(const Words& state) const override { return list_text(state); }

 private:
  static constexpr std::uint8_t kAppend = 0;
  static constexpr std::uint8_t kRead = 1;
  Words longest_;
};

}  // namespace squall
