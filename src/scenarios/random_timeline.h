// A timeline that the seed draws: kinds of faults with ranges, how many, and the bounds that every
// drawing keeps.  Resolving turns it into an ordinary list of faults (random_draw.h).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "scenarios/selector.h"

namespace squall {

// What the seed draws a parameter from.
struct DrawnValue {
  std::vector<std::string> choices;  // one of these; of a range its two ends
  bool is_range = false;
};

// A kind of fault, drawn any number of times.
struct RandomFault {
  std::string name;  // what is drawn is called NAME-1, NAME-4, …: the number is its place
  std::string kind;
  std::int64_t weight = 1;  // how often it is drawn, compared with the others
  Duration length_min{0};   // 0 for events and in a swizzle, which draws when each heals
  Duration length_max{0};
  std::vector<Selector> sides;  // one (on) or two (between; from, to)
  bool is_one_way = false;
  std::map<std::string, DrawnValue> params{};
  bool is_exercise_expected = true;
  // A small delay has no consequence that anybody could see, so none is asked of what is drawn.
  bool is_consequence_expected = false;
};

enum class RandomPattern {
  kFree,     // each by itself
  kSwizzle,  // they start one by one, and heal one by one in another order
};

struct RandomTimeline {
  RandomPattern pattern = RandomPattern::kFree;
  Duration length{0};    // the safety phase: all faults begin and end in it
  Duration liveness{0};  // then everything is healed and the load goes on
  std::int64_t count_min = 1;
  std::int64_t count_max = 1;
  std::int64_t at_once = 2;  // kFree: never more of them together
  Duration gap{0};           // between two starts; in a swizzle also between two heals
  std::vector<RandomFault> faults;
};

}  // namespace squall
