// Steps as text.
#include "reference/rollout/rollout_plan.h"

#include <charconv>

#include "base/nearest.h"

namespace squall::reference {
namespace {

template <typename Number>
Result<Number> parse_number(std::string_view text, Number least, Number most) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    return Error{Errc::kInvalid, "'" + std::string(text) + "' is not a number in its range"};
  }
  return number;
}

Result<> set_value(RolloutStep& step, std::string_view name, std::string_view value) {
  ModelConfig& config = step.config;
  if (name == "stable") {
    config.stable = value;
  } else if (name == "canary") {
    config.canary = value;
  } else if (name == "epoch") {
    config.epoch = TRY(parse_number<std::int64_t>(value, 1, INT64_MAX).in("epoch"));
  } else if (name == "canary-percent") {
    config.canary_percent = TRY(parse_number<double>(value, 0, 100).in("canary-percent"));
  } else if (name == "activate-in") {
    step.activate_in = TRY(parse_duration(value).in("activate-in"));
  } else {
    return Error{Errc::kInvalid, "unknown name '" + std::string(name) + "'" +
                                     suggestion(name, {"epoch", "stable", "canary",
                                                       "canary-percent", "activate-in"})};
  }
  return {};
}

Result<> check(const RolloutStep& step) {
  if (step.config.stable.empty()) return Error{Errc::kInvalid, "no stable version"};
  if (step.config.canary_percent > 0 && step.config.canary.empty()) {
    return Error{Errc::kInvalid, "a canary percentage without a canary"};
  }
  return {};
}

}  // namespace

Result<RolloutStep> parse_rollout_step(std::string_view text, const RolloutStep& before) {
  const std::string attempt = "step '" + std::string(text) + "'";
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return Error{Errc::kInvalid, attempt + ": write TIME:NAME=VALUE,…"};
  }
  RolloutStep step{.at{}, .activate_in{}, .config = before.config};
  ++step.config.epoch;
  step.at = TRY(parse_duration(text.substr(0, colon)).in(attempt));
  std::string_view rest = text.substr(colon + 1);
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view pair = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) {
      return Error{Errc::kInvalid, attempt + ": '" + std::string(pair) + "' has no '='"};
    }
    (void)TRY(set_value(step, pair.substr(0, equals), pair.substr(equals + 1)).in(attempt));
  }
  (void)TRY(check(step).in(attempt));
  return step;
}

Result<std::vector<RolloutStep>> parse_rollout(const RolloutStep& first,
                                               const std::vector<std::string>& steps) {
  if (steps.size() >= kMaxRolloutSteps) {
    return Error{Errc::kInvalid, "more than " + std::to_string(kMaxRolloutSteps) + " steps"};
  }
  (void)TRY(check(first));
  std::vector<RolloutStep> plan{first};
  for (const std::string& text : steps) {
    RolloutStep step = TRY(parse_rollout_step(text, plan.back()));
    if (step.at < plan.back().at || step.config.epoch <= plan.back().config.epoch) {
      return Error{Errc::kInvalid, "step '" + text + "' is not after the one before"};
    }
    plan.push_back(std::move(step));
  }
  return plan;
}

}  // namespace squall::reference
