// When drawn faults begin, within the bounds of their timeline.  Internal to this folder.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "faults/fault.h"
#include "scenarios/random_timeline.h"

namespace squall {

// A fault that looks for its time.
struct Placing {
  std::int64_t number = 0;        // its place in the drawing, from 1
  Duration active{0};             // how long it is active; a swizzle says so itself
  std::vector<Target> processes;  // that it hits
  bool hits_any = false;          // it may hit any process
};

class Places {
 public:
  // `root` is the timeline's stream, `count` how many faults there will be.
  Places(const RandomTimeline& random, std::int64_t count, const Rng& root);

  // A start for which all bounds hold, and remembers it.  The stream draws one; `is_last` also
  // looks at the edges of what is already there, so that a crowded timeline is filled.
  [[nodiscard]] std::optional<Duration> find(const Placing& fault, const Rng& stream, bool is_last);
  // Of a fault in a swizzle: from its start to its heal.
  [[nodiscard]] Duration length_of(std::int64_t number) const;

 private:
  struct Placed {
    Duration start{0};
    Duration end{0};
    std::vector<Target> processes;
    bool hits_any = false;
  };
  void plan_swizzle(std::int64_t count, const Rng& root);
  [[nodiscard]] bool fits(const Placed& fault) const;
  [[nodiscard]] std::vector<Duration> edges(Duration active) const;
  std::optional<Duration> place(Placed fault);

  const RandomTimeline& random_;
  std::vector<Placed> placed_;
  std::map<std::int64_t, Placed> swizzle_;  // by number
};

}  // namespace squall
