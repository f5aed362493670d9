// Keeps the agent alive on a node that its own faults squeeze.
#pragma once

namespace squall {

// Locks memory and lowers the OOM score, as far as we may: refusals are no errors, an ordinary user
// has neither right.
void protect_this_process();

}  // namespace squall
