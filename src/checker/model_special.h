// The log-linear special cases (special_*.h) for parts of models.
#pragma once

#include <optional>
#include <string_view>

#include "checker/model_ops.h"
#include "checker/special.h"

namespace squall {

// Nothing: no special case knows operations like these.
[[nodiscard]] std::optional<OrderOutcome> decide_specially(std::string_view model,
                                                           const ModelPart& part);
[[nodiscard]] std::optional<OrderOutcome> as_outcome(const SpecialOutcome& special);

}  // namespace squall
