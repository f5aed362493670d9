// The small language in which this folder's tests write recordings, one thing per `|`:
//
//   fault cut 3s 13s ixc           asked for at 3 s; GRADES: installed, exercised, consequential
//   fault cut 3s 13s ixc late 1s   it began, and ended, so much later
//   fault cut 3s 9s ixc lease lost it ended otherwise than by a heal
//   event crash 3s ix              an event
//   verdict safety violated TEXT   or slo; valid, unknown
//   meta ending aborted: by hand   `meta ending -` removes it; without it, the run is complete
//   op kv ok 1s 1.1s TEXT          an operation of the client kv; TEXT is its error; `never` at all
//   leader 5s 2                    the metric leader(registry)
//   log 5s etcd TEXT
#pragma once

#include <string>

#include "history/recording.h"

namespace squall::test {

// Aborts the test program on a malformed text.
[[nodiscard]] Recording recorded(const std::string& text);

}  // namespace squall::test
