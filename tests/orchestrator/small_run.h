// The world of this folder's tests: e1 and e2 in eu, e3 in us, each running etcd; the client `kv`
// and the lock client `lock`.
#pragma once

#include <string>

#include "scenarios/scenario.h"

namespace squall::test {

// `timeline` is a YAML list in one line, "[{at: 1s, …}]"; `more` holds further keys of the
// scenario, one a line.  The checks are log-pattern unless `more` says otherwise.  Aborts the test
// program on a mistake.
[[nodiscard]] Scenario small_run(const std::string& timeline, const std::string& more = "");

}  // namespace squall::test
