// A counter: add (a number, 1 if absent), subtract, read.
#pragma once

#include <cstdlib>

#include "checker/models/model.h"

namespace squall {

class CounterModel final : public Model {
 public:
  using Model::Model;
  [[nodiscard]] std::span<const std::string_view> functions() const override {
    static constexpr std::string_view kNames[] = {"add|increment|inc", "subtract|decrement|dec",
                                                  "read"};
    return kNames;
  }
  [[nodiscard]] Said read(const SeenOperation& seen) const override {
    if (seen.kind == kRead && seen.outcome != Outcome::kOk) return says_nothing();
    if (seen.value == kAbsent || seen.value == kNil) {
      return seen.kind == kRead ? says_nothing() : says(kAdd, words(seen.kind == kAdd ? 1 : -1));
    }
    if (values().kind(seen.value) != ValueKind::kInteger) return complains("has no number");
    const std::int64_t number = values().as_integer(seen.value);
    if (seen.kind == kRead) return says(kRead, words(number));
    return says(kAdd, words(seen.kind == kAdd ? number : sum(0, number, true)));
  }
  [[nodiscard]] Words initial() const override {
    const bool is_number = options().init && *options().init != kNil &&
                           values().kind(*options().init) == ValueKind::kInteger;
    if (is_number) return words(values().as_integer(*options().init));
    return words(std::strtoll(options().init_text.c_str(), nullptr, 10));
  }
  bool step(const ModelCall& call, Words& state) const override {
    if (call.kind == kRead) return state == call.args;
    state = words(sum(number_of(state), number_of(call.args), false));
    return true;
  }
  [[nodiscard]] CallTraits traits(const ModelCall& call) const override {
    return {.is_pure = call.kind == kRead || number_of(call.args) == 0,
            .is_total = call.kind == kAdd};
  }
  [[nodiscard]] bool needs(const ModelCall& kept, const ModelCall& dropped) const override {
    return kept.kind == kRead && dropped.kind == kAdd;
  }
  [[nodiscard]] std::string did(const ModelCall& call) const override {
    return (call.kind == kRead ? "read " : "added ") + std::to_string(number_of(call.args));
  }
  [[nodiscard]] std::string shown(const Words& state) const override {
    return std::to_string(number_of(state));
  }

 private:
  static constexpr std::uint8_t kAdd = 0;
  static constexpr std::uint8_t kRead = 2;
  static Words words(std::int64_t number) {
    const auto bits = static_cast<std::uint64_t>(number);
    return {static_cast<std::uint32_t>(bits >> 32U), static_cast<std::uint32_t>(bits)};
  }
  static std::int64_t number_of(const Words& state) {
    return static_cast<std::int64_t>(std::uint64_t{state[0]} << 32U | state[1]);
  }
  // Wraps around, as counters do, rather than being undefined.
  static std::int64_t sum(std::int64_t a, std::int64_t b, bool is_minus) {
    const auto x = static_cast<std::uint64_t>(a);
    const auto y = static_cast<std::uint64_t>(b);
    return static_cast<std::int64_t>(is_minus ? x - y : x + y);
  }
};

}  // namespace squall
