// What an `slo` check promises, read from its parameters.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/params.h"
#include "checker/phases.h"
#include "checker/slo_samples.h"

namespace squall {

enum class SloKind : std::uint8_t { kLatency, kAvailability, kGoodput, kGoodputRate };

struct SloBound {
  SloKind kind = SloKind::kLatency;
  double share = 0;  // of all scheduled operations, 0 … 1; of kGoodputRate: operations per second
};

struct SloPromise {
  std::optional<std::int64_t> latency;  // ns; nothing: an answer at any time is good
  double quantile = 0;                  // of the latency bound
  std::vector<SloBound> bounds;         // at least one
  std::vector<PhaseKind> phases;        // in which they hold
  std::int64_t window = 0;              // ns
  std::size_t windows = 0;
  double confidence = 0;
  std::optional<std::int64_t> recover_within;  // ns
  std::optional<std::int64_t> detect_within;   // ns
  std::string detect_pattern;                  // "": none

  [[nodiscard]] bool holds_in(PhaseKind kind) const;
  // By the sample itself: whether a short window looks right is a rule, no inference.
  [[nodiscard]] WindowState state(const SloCounts& counts) const;
};

[[nodiscard]] std::span<const ParamSpec> slo_params();
// What the table alone cannot say: no bound at all, an unknown phase, a window of no length.
[[nodiscard]] Result<SloPromise> slo_promise(const Params& params);

}  // namespace squall
