// Causality: whom every reader must know because it happened before.
#pragma once

#include "checker/txn/weak.h"

namespace squall {

[[nodiscard]] Inference infer_from_the_past(const Transactions& txns, const ReadsFrom& history,
                                            const Budget& budget);

}  // namespace squall
