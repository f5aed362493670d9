// The planted stack's keeper: of two, the one that holds the store's lease keeps a set in memory
// and saves it whole.  It looks at its lease before it begins, and not again before it saves; only
// the store's fencing can know that the lease has passed on meanwhile.
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "tests/planted/line_socket.h"

namespace squall::planted {

struct KeeperOptions {
  Address at;
  Address store;
  std::string name;
  Duration lease = std::chrono::milliseconds(300);
  long rounds = 1000;  // of work between the look at the lease and the save
};

// add N: "ok", or "standby" from the one without the lease, or "lost" when it was fenced; all
[[nodiscard]] Result<> run_keeper(const KeeperOptions& options);

}  // namespace squall::planted
