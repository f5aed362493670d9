// Runs a lab whose body answers with a text.
#pragma once

#include <functional>
#include <string>

#include "arena/arena.h"
#include "tests/arena/lab_text.h"

namespace squall {

struct LabStory {
  std::string error;  // of run_in_lab, or ""
  LabEnd end;
  std::string report;  // what the body said
};

// The body's report is sent over the control socket.  `meanwhile` runs in this process after the
// body has begun and before it is told to go on, so that both can look at each other.
LabStory run_lab(const Topology& topology, const LabOptions& options,
                 const std::function<std::string(Arena&)>& body,
                 const std::function<void()>& meanwhile = {});

// No agents: the lab alone.
LabOptions bare_options();

// Sends `count` datagrams one after the other and returns the shortest time one took to come back,
// in nanoseconds; -1 when one was lost.
std::int64_t shortest_round_trip(Arena& arena, const std::string& from, const std::string& to,
                                 bool is_ipv6, int count, Duration patience);

// Why no lab can be made here; "" if one can.
std::string why_no_lab();

}  // namespace squall
