// Which checks a history gets.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "checker/checker.h"

namespace squall {

// What was asked for, else what the run's scenario checks, else what suits the operations:
// transactions are not linearizable registers.
[[nodiscard]] Result<std::vector<CheckRequest>> choose_checks(const std::vector<std::string>& asked,
                                                              const Recording& recording,
                                                              const std::string& path);

}  // namespace squall
