// When the requests of an open-loop entry are due.  Pure: a seed in, offsets from the start out,
// and nothing that a server does can move them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/rng.h"
#include "base/time.h"

namespace squall {

enum class ArrivalKind {
  kPoisson,   // independent users: exponential gaps
  kConstant,  // equal gaps
  kBurst,     // `burst_size` at the same instant, equal gaps between bursts
};
inline constexpr std::string_view kArrivalChoices = "poisson|constant|burst";
// `name` is one of kArrivalChoices.
[[nodiscard]] ArrivalKind arrival_kind(std::string_view name);

struct ArrivalPlan {
  ArrivalKind kind = ArrivalKind::kPoisson;
  double rate = 1;              // requests per second of the whole entry, > 0; kBurst keeps it too
  std::int64_t burst_size = 1;  // > 0; kBurst only
};

// The entry's arrivals in order: the first at or after 0, never decreasing.  Not thread-safe.
class Arrivals {
 public:
  Arrivals(const ArrivalPlan& plan, Rng rng);
  // Offset from the start.  Offsets are computed from their number, not added up, so that a
  // constant rate of 3 a second is one of 3 a second after a day as well.
  [[nodiscard]] Duration next();

 private:
  ArrivalPlan plan_;
  Rng rng_;
  std::int64_t taken_ = 0;
  double elapsed_ns_ = 0;  // kPoisson
};

// Which of the entry's arrivals are ours.  All clients of an entry draw the same sequence and each
// keeps its own, so that together they are exactly that sequence:
//
//   arrival     0  1  2  3  4  5 …        processes of the entry: 7 8 9
//   process     9  7  8  9  7  8 …        (number modulo process count)
class ArrivalShare {
 public:
  // `ours` of the entry's `process_count` processes, whose ids follow one another.
  ArrivalShare(const std::vector<std::int64_t>& ours, std::int64_t process_count);
  [[nodiscard]] bool is_ours(std::int64_t arrival) const;

 private:
  std::vector<bool> ours_;  // by id modulo process count
};

}  // namespace squall
