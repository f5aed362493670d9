// Capabilities: keep them across exec under a non-zero uid, or give them all up for good.
#pragma once

#include "base/result.h"

namespace squall {

// Makes every permitted capability inheritable and ambient, so that an exec'ed agent keeps them
// although its uid is not 0.  Calling thread only: do it before starting threads.
[[nodiscard]] Result<> raise_ambient_caps();

// Gives up every capability and the way back to them: ambient, bounding (as far as we may),
// inheritable, effective and permitted, then no_new_privs.  For the moment between fork and exec of
// a stack process.  Allocates nothing on the success path after libcap's own state.
[[nodiscard]] Result<> drop_all_caps();

// Whether the calling thread's effective set holds `capability` (a CAP_… constant).
[[nodiscard]] bool has_capability(int capability);

}  // namespace squall
