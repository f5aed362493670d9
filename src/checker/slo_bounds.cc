// The parameters of `slo`.
#include "checker/slo_bounds.h"

#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "base/pattern.h"
#include "checker/rows.h"

namespace squall {
namespace {

constexpr Duration kMaxWindow = std::chrono::hours(1);
constexpr std::int64_t kMaxWindows = 1000;
constexpr double kLeastConfidence = 0.5;
constexpr double kMostConfidence = 0.9999;

constexpr std::array kPhaseKinds = {PhaseKind::kBefore, PhaseKind::kDuring, PhaseKind::kAfter,
                                    PhaseKind::kRecovered};

constexpr ParamSpec kParams[] = {
    kClientParam,
    {"latency",
     ParamType::kDuration,
     "",
     "the longest an operation may take, from when it was scheduled to the end of its answer",
     {}},
    {"virtual-time",
     ParamType::kBoolean,
     "false",
     "judge 'latency' also in the sealed arena, whose processor is emulated: for latencies that "
     "faults and time-outs make, not the processor",
     {}},
    {"quantile",
     ParamType::kPercent,
     "95%",
     "the share of operations that 'latency' holds for",
     {}},
    {"availability",
     ParamType::kPercent,
     "",
     "the least share of scheduled operations that are answered",
     {}},
    {"goodput",
     ParamType::kPercent,
     "",
     "the least share of scheduled operations that are answered within 'latency'",
     {}},
    {"goodput-rate",
     ParamType::kNumber,
     "",
     "the least number of operations per second that are answered within 'latency'",
     {}},
    {"during",
     ParamType::kText,
     "before+during+recovered",
     "the phases in which the bounds hold: before, during, after, recovered, joined by +; or all",
     {}},
    {"recover-within",
     ParamType::kDuration,
     "",
     "how long after the last fault the stack may take until it is inside the bounds again",
     {}},
    {"detect-within",
     ParamType::kDuration,
     "",
     "how long after a fault began the stack may take to log that it noticed",
     {}},
    {"detect-pattern",
     ParamType::kText,
     "",
     "a Perl regular expression; a log line in which it is found says that the stack noticed",
     {}},
    {"window", ParamType::kDuration, "1s", "the length of one window; up to 1h", {}},
    {"windows",
     ParamType::kInteger,
     "3",
     "how many windows in a row inside the bounds make the stack recovered; 1 to 1000",
     {}},
    {"confidence",
     ParamType::kPercent,
     "95%",
     "how sure the answer is; 50% (the sample as it is) to 99.99%",
     {}},
};

std::optional<std::int64_t> duration_of(const Params& params, std::string_view name) {
  if (!params.has(name)) return std::nullopt;
  return params.duration(name).count();
}

Error bad(const std::string& what) {
  return Error{Errc::kInvalid, what};
}

Result<std::vector<PhaseKind>> read_phases(const std::string& text) {
  if (text == "all") return std::vector<PhaseKind>(kPhaseKinds.begin(), kPhaseKinds.end());
  std::vector<std::string> names{"all"};
  for (const PhaseKind kind : kPhaseKinds) names.emplace_back(to_text(kind));
  std::vector<PhaseKind> phases;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find('+', from), text.size());
    const std::string word = text.substr(from, to - from);
    const auto* const found = std::find_if(kPhaseKinds.begin(), kPhaseKinds.end(),
                                           [&](PhaseKind kind) { return to_text(kind) == word; });
    if (found == kPhaseKinds.end()) {
      return bad("'during': there is no phase '" + word + "'" + suggestion(word, names));
    }
    phases.push_back(*found);
    from = to + 1;
  }
  return phases;
}

std::vector<SloBound> read_bounds(const Params& params) {
  std::vector<SloBound> bounds;
  if (params.has("latency")) bounds.push_back({SloKind::kLatency, params.percent("quantile")});
  if (params.has("availability")) {
    bounds.push_back({SloKind::kAvailability, params.percent("availability")});
  }
  if (params.has("goodput")) bounds.push_back({SloKind::kGoodput, params.percent("goodput")});
  if (params.has("goodput-rate")) {
    bounds.push_back({SloKind::kGoodputRate, params.number("goodput-rate")});
  }
  return bounds;
}

Result<> check_ranges(const Params& params) {
  const Duration window = params.duration("window");
  if (window <= Duration::zero() || window > kMaxWindow) {
    return bad("'window' must be more than 0 and at most " + to_text(kMaxWindow));
  }
  const std::int64_t windows = params.integer("windows");
  if (windows < 1 || windows > kMaxWindows) {
    return bad("'windows' must be from 1 to " + std::to_string(kMaxWindows));
  }
  const double confidence = params.percent("confidence");
  if (confidence < kLeastConfidence || confidence > kMostConfidence) {
    return bad("'confidence' must be from 50% to 99.99%");
  }
  if (params.percent("quantile") <= 0) return bad("'quantile' must be more than 0%");
  if (params.has("goodput-rate") && params.number("goodput-rate") < 0) {
    return bad("'goodput-rate' must not be negative");
  }
  return {};
}

Result<> check_detection(const Params& params) {
  if (params.has("detect-within") && !params.has("detect-pattern")) {
    return bad("'detect-within' needs 'detect-pattern', to know when the stack noticed");
  }
  if (!params.has("detect-pattern")) return {};
  const Result<Pattern> pattern = Pattern::compile(params.text("detect-pattern"));
  return pattern.ok() ? Result<>() : pattern.error();
}

}  // namespace

bool SloPromise::holds_in(PhaseKind kind) const {
  return kind == PhaseKind::kWhole || std::find(phases.begin(), phases.end(), kind) != phases.end();
}

WindowState SloPromise::state(const SloCounts& counts) const {
  if (counts.operations == 0) return WindowState::kEmpty;
  const auto all = static_cast<double>(counts.operations);
  const bool is_inside = std::all_of(bounds.begin(), bounds.end(), [&](const SloBound& bound) {
    const auto met =
        static_cast<double>(bound.kind == SloKind::kAvailability ? counts.answered : counts.good);
    if (bound.kind == SloKind::kGoodputRate) {
      return met * 1e9 >= bound.share * static_cast<double>(window);
    }
    return met >= bound.share * all;
  });
  return is_inside ? WindowState::kInside : WindowState::kOutside;
}

std::span<const ParamSpec> slo_params() {
  return kParams;
}

Result<SloPromise> slo_promise(const Params& params) {
  TRY(check_ranges(params));
  TRY(check_detection(params));
  SloPromise promise;
  promise.latency = duration_of(params, "latency");
  promise.quantile = params.percent("quantile");
  promise.bounds = read_bounds(params);
  if (promise.bounds.empty()) {
    return bad("no bound is given: state 'latency', 'availability', 'goodput' or 'goodput-rate'");
  }
  promise.phases = TRY(read_phases(params.text("during")));
  promise.window = params.duration("window").count();
  promise.windows = static_cast<std::size_t>(params.integer("windows"));
  promise.confidence = params.percent("confidence");
  promise.recover_within = duration_of(params, "recover-within");
  promise.detect_within = duration_of(params, "detect-within");
  promise.detect_pattern = params.text("detect-pattern");
  return promise;
}

}  // namespace squall
