// Histories out of nothing but a seed: simulated clients on a simulated system, right or wrong in a
// way that was asked for.  What checkers are measured with, and tested.  Pure: the same parameters
// give the same bytes, which go to a sink while they are made.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "base/params.h"
#include "base/result.h"

namespace squall {

// Takes the next piece of text; an error ends the generation.
using TextSink = std::function<Result<>(std::string_view)>;

struct WorkloadRow {
  std::string_view name;  // "register"
  std::string_view help;  // one sentence
  std::span<const ParamSpec> params;
  Result<> (*generate)(const Params& params, const TextSink& sink);
};

// The one list of workloads.
[[nodiscard]] std::span<const WorkloadRow> workloads();
[[nodiscard]] const WorkloadRow* find_workload(std::string_view name);

}  // namespace squall
