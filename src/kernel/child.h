// Forked children: a piece of work that must not touch the caller's namespaces, and what a child
// that never execs must let go of.
#pragma once

#include <functional>
#include <vector>

#include "base/result.h"

namespace squall {

// Forks, runs `work` in the child and returns its error, or kIo when the child died of a signal.
// The child has one thread and the caller's memory as it was; it runs no destructors of the caller
// and no exit handlers.  It dies with the calling thread.
[[nodiscard]] Result<> run_in_child(const std::function<Result<>()>& work);

// Closes every descriptor above standard error but those listed: for forked children that never
// exec, so that they hold nobody's pipe or TUN device open.
void close_all_except(std::vector<int> kept);

}  // namespace squall
