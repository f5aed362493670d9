// Transactions of several clients on a simulated database.
#pragma once

#include "history/generate/generate.h"

namespace squall {

// Lists that are appended to, or registers that are written.
[[nodiscard]] Result<> generate_list_append(const Params& params, const TextSink& sink);
[[nodiscard]] Result<> generate_rw_register(const Params& params, const TextSink& sink);

}  // namespace squall
