// One row per checker, each defined in the checker's own file.
#pragma once

#include "checker/checker.h"

namespace squall {

[[nodiscard]] const CheckerRow& bounded_staleness_row();
[[nodiscard]] const CheckerRow& linearizable_row();
[[nodiscard]] const CheckerRow& log_pattern_row();
[[nodiscard]] const CheckerRow& mutual_exclusion_row();
[[nodiscard]] const CheckerRow& set_full_row();

}  // namespace squall
