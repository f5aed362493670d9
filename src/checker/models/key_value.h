// Texts by key: get, put, append (to the end of the text).
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "checker/models/model.h"

namespace squall {

class KeyValueModel final : public Model {
 public:
  using Model::Model;
  [[nodiscard]] std::span<const std::string_view> functions() const override {
    static constexpr std::string_view kNames[] = {"get|read", "put|write", "append"};
    return kNames;
  }
  [[nodiscard]] Said read(const SeenOperation& seen) const override {
    if (seen.kind == kGet && (seen.outcome != Outcome::kOk || seen.value == kAbsent)) {
      return says_nothing();
    }
    if (seen.kind == kGet && seen.value == kNil && options().is_nil_wildcard) return says_nothing();
    if (seen.value == kNil) return says(seen.kind, packed(""));
    if (seen.value == kAbsent || values().kind(seen.value) != ValueKind::kText) {
      return complains("has no text");
    }
    return says(seen.kind, packed(values().as_text(seen.value)));
  }
  [[nodiscard]] Words initial() const override {
    const std::string& text = options().init_text;
    if (text == "nil" || text == "null") return packed("");
    const bool is_quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    return packed(is_quoted ? std::string_view(text).substr(1, text.size() - 2) : text);
  }
  // A text that is no beginning of one that somebody got can only be appended to or overwritten:
  // all such texts are one state.  Suppose that five clients append at once: most of their 120
  // orders give texts that nobody ever saw, and it does not matter which.
  [[nodiscard]] bool is_looking_ahead() const override { return true; }
  void prepare(std::span<const ModelCall> calls) override {
    got_.clear();
    for (const ModelCall& call : calls) {
      if (call.kind == kGet) got_.emplace_back(view(call.args));
    }
    std::sort(got_.begin(), got_.end());
    is_prepared_ = true;
  }
  bool step(const ModelCall& call, Words& state) const override {
    if (call.kind == kGet) return state == call.args;
    if (call.kind == kPut) {
      state = call.args;
    } else if (state[0] != kUnseen) {
      append(call, state);
    }
    if (is_prepared_ && !is_seen(state)) state = {kUnseen};
    return true;
  }
  [[nodiscard]] CallTraits traits(const ModelCall& call) const override {
    return {.is_pure = call.kind == kGet,
            .is_total = call.kind != kGet,
            .is_absolute = call.kind == kPut};
  }
  [[nodiscard]] bool needs(const ModelCall& kept, const ModelCall& dropped) const override {
    return kept.kind == kGet && dropped.kind != kGet &&
           view(kept.args).find(view(dropped.args)) != std::string_view::npos;
  }
  [[nodiscard]] std::string did(const ModelCall& call) const override {
    constexpr const char* kDid[] = {"got ", "put ", "appended "};
    return kDid[call.kind] + shown(call.args);
  }
  [[nodiscard]] std::string shown(const Words& state) const override {
    constexpr std::size_t kMaxShown = 40;
    if (state[0] == kUnseen) return "a text that nobody got";
    const std::string_view all = view(state);
    if (all.size() <= kMaxShown) return '"' + std::string(all) + '"';
    return '"' + std::string(all.substr(0, kMaxShown / 2)) + "…" +
           std::string(all.substr(all.size() - kMaxShown / 2)) + '"';
  }

 private:
  static constexpr std::uint8_t kGet = 0;
  static constexpr std::uint8_t kPut = 1;
  static constexpr std::uint32_t kUnseen = 0xffff'ffffU;  // in place of a length

  static void append(const ModelCall& call, Words& state) {
    const std::size_t before = state[0];
    const std::size_t size = before + call.args[0];
    state[0] = static_cast<std::uint32_t>(size);
    state.resize(1 + (size + 3) / 4, 0);
    std::memcpy(reinterpret_cast<char*>(&state[1]) + before, bytes(call.args), call.args[0]);
  }
  [[nodiscard]] bool is_seen(const Words& state) const {
    if (state[0] == kUnseen) return false;
    const auto next = std::lower_bound(got_.begin(), got_.end(), view(state));
    return next != got_.end() && std::string_view(*next).starts_with(view(state));
  }
  // The length in bytes, then four bytes to a word.
  static Words packed(std::string_view text) {
    Words words(1 + (text.size() + 3) / 4, 0);
    words[0] = static_cast<std::uint32_t>(text.size());
    if (!text.empty()) std::memcpy(&words[1], text.data(), text.size());
    return words;
  }
  static const char* bytes(const Words& words) {
    return reinterpret_cast<const char*>(words.data() + 1);
  }
  static std::string_view view(const Words& words) { return {bytes(words), words[0]}; }

  std::vector<std::string> got_;  // sorted
  bool is_prepared_ = false;
};

}  // namespace squall
