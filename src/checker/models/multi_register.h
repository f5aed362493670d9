// Registers that are read and written together: txn [["read",k,v],["write",k,v],…].
#pragma once

#include "checker/models/model.h"

namespace squall {

class MultiRegisterModel final : public Model {
 public:
  using Model::Model;
  [[nodiscard]] std::span<const std::string_view> functions() const override {
    static constexpr std::string_view kNames[] = {"txn"};
    return kNames;
  }
  [[nodiscard]] Said read(const SeenOperation& seen) const override {
    if (seen.value == kAbsent || values().kind(seen.value) != ValueKind::kList) {
      return seen.outcome == Outcome::kOk ? complains("has no list") : says_nothing();
    }
    Words args;  // is it a write, key, value
    for (const ValueId part : values().as_list(seen.value)) {
      if (values().kind(part) != ValueKind::kList || values().as_list(part).size() != 3) {
        return complains(kShape);
      }
      const auto items = values().as_list(part);
      if (values().kind(items[0]) != ValueKind::kText) return complains(kShape);
      const std::string_view name = values().as_text(items[0]);
      const bool is_write = name == "write" || name == "w";
      if (!is_write && name != "read" && name != "r") return complains(kShape);
      const bool is_unknown =
          seen.outcome != Outcome::kOk || (items[2] == kNil && options().is_nil_wildcard);
      if (!is_write && is_unknown) continue;
      args.insert(args.end(), {is_write ? 1U : 0U, items[1], items[2]});
    }
    return args.empty() ? says_nothing() : says(0, std::move(args));
  }
  // Pairs of key and value where it differs from the initial one, by key.
  [[nodiscard]] Words initial() const override { return {}; }
  bool step(const ModelCall& call, Words& state) const override {
    for (std::size_t i = 0; i < call.args.size(); i += 3) {
      const std::uint32_t key = call.args[i + 1];
      const std::uint32_t value = call.args[i + 2];
      std::size_t at = 0;
      while (at < state.size() && state[at] < key) at += 2;
      const bool is_there = at < state.size() && state[at] == key;
      if (call.args[i] == 0) {
        if ((is_there ? state[at + 1] : first()) != value) return false;
        continue;
      }
      const auto place = state.begin() + static_cast<std::ptrdiff_t>(at);
      if (is_there) state.erase(place, place + 2);
      if (value != first()) {
        state.insert(state.begin() + static_cast<std::ptrdiff_t>(at), {key, value});
      }
    }
    return true;
  }
  [[nodiscard]] CallTraits traits(const ModelCall& call) const override {
    CallTraits traits{.is_pure = true, .is_total = true};
    for (std::size_t i = 0; i < call.args.size(); i += 3) {
      (call.args[i] == 0 ? traits.is_total : traits.is_pure) = false;
    }
    return traits;
  }
  [[nodiscard]] bool needs(const ModelCall& kept, const ModelCall& dropped) const override {
    for (std::size_t i = 0; i < kept.args.size(); i += 3) {
      for (std::size_t j = 0; j < dropped.args.size(); j += 3) {
        const bool is_read_of = kept.args[i] == 0 && dropped.args[j] == 1 &&
                                kept.args[i + 1] == dropped.args[j + 1] &&
                                kept.args[i + 2] == dropped.args[j + 2];
        if (is_read_of) return true;
      }
    }
    return false;
  }
  [[nodiscard]] std::string did(const ModelCall& call) const override {
    std::string all;
    for (std::size_t i = 0; i < call.args.size(); i += 3) {
      all += i == 0 ? "" : " and ";
      all += call.args[i] == 0 ? "read " : "wrote ";
      all += name(call.args[i + 1]) + " = " + text(call.args[i + 2]);
    }
    return all;
  }
  [[nodiscard]] std::string shown(const Words& state) const override {
    std::string all;
    for (std::size_t i = 0; i < state.size(); i += 2) {
      all += (i == 0 ? "" : ", ") + name(state[i]) + " = " + text(state[i + 1]);
    }
    return all.empty() ? "the initial values" : all;
  }

 private:
  static constexpr const char* kShape = "has something else than [\"read\" or \"write\",key,value]";
  [[nodiscard]] std::uint32_t first() const { return options().init.value_or(kAbsent); }
  [[nodiscard]] std::string name(std::uint32_t key) const {
    return values().kind(key) == ValueKind::kText ? std::string(values().as_text(key)) : text(key);
  }
};

}  // namespace squall
