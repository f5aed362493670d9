// Runs a piece of work in a forked child: for what must not touch the caller's namespaces.
#pragma once

#include <functional>

#include "base/result.h"

namespace squall {

// Forks, runs `work` in the child and returns its error, or kIo when the child died of a signal.
// The child has one thread and the caller's memory as it was; it runs no destructors of the caller
// and no exit handlers.  It dies with the calling thread.
[[nodiscard]] Result<> run_in_child(const std::function<Result<>()>& work);

}  // namespace squall
