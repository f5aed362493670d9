// One part of a history of a model (models/model.h), ready to be searched.
#pragma once

#include "checker/model_ops.h"
#include "checker/order_part.h"

namespace squall {

// All arguments but the part must outlive it.
[[nodiscard]] std::unique_ptr<OrderPart> make_part(const ModelRow& row, const Values& values,
                                                   const ModelOptions& options, ModelPart part);

}  // namespace squall
