// One register's operations, ready to be searched.
#pragma once

#include "checker/order_part.h"
#include "checker/register_ops.h"

namespace squall {

// The arguments must outlive it.
[[nodiscard]] std::unique_ptr<OrderPart> make_part(const Values& values, const KeyRegister& reg);

}  // namespace squall
