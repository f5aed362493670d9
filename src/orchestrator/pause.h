// A bounded pause between two looks at something that tells nobody when it changes: another
// program's answer, a process's state.
#pragma once

#include "base/time.h"

namespace squall {

void pause_for(Duration length);

}  // namespace squall
