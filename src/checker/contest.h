// Decides many parts with two rival searches, breadth first and depth first, on the budget's pool.
// Who wins does not depend on the number of threads: the rivals run in rounds of equal numbers of
// steps, and after a round the breadth-first search is asked first.
#pragma once

#include <memory>
#include <vector>

#include "checker/checker.h"
#include "checker/order_part.h"

namespace squall {

// Per part, in the same order.  The budget is for all of them together.
[[nodiscard]] std::vector<OrderOutcome> decide(const std::vector<std::unique_ptr<OrderPart>>& parts,
                                               const Budget& budget);

}  // namespace squall
