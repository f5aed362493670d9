// A fault that an agent holds a lease for, reduced to what it does on this node.
#pragma once

#include <span>
#include <vector>

#include "base/time.h"
#include "faults/effect.h"
#include "faults/fault.h"

namespace squall {

struct LeasedFault {
  Fault fault;
  BootTime start;
  std::vector<Effect> effects;  // on this node; no events
};

// Planes fold in this order, so that every node and every restart comes to the same state.
[[nodiscard]] inline bool folds_before(const LeasedFault& a, const LeasedFault& b) {
  return a.start != b.start ? a.start < b.start : a.fault.id < b.fault.id;
}

}  // namespace squall
