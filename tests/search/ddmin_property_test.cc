// Laws of delta debugging, against simulated oracles.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <set>

#include "base/rng.h"
#include "search/ddmin.h"

namespace squall {
namespace {

using Parts = std::vector<std::size_t>;
using Oracle = std::function<bool(const Parts&)>;

constexpr std::size_t kMaxParts = 14;

struct Reduced {
  Parts kept;
  int tries = 0;
};

Reduced reduce(std::size_t parts, bool may_be_empty, const Oracle& shows) {
  Ddmin machine(parts, may_be_empty);
  Reduced reduced;
  while (const auto candidate = machine.next()) {
    RC_ASSERT(++reduced.tries < 2000);
    RC_ASSERT(candidate->size() < machine.kept().size());
    machine.on(shows(*candidate));
  }
  reduced.kept = machine.kept();
  return reduced;
}

bool holds_all(const Parts& parts, const std::set<std::size_t>& needed) {
  const std::set<std::size_t> there(parts.begin(), parts.end());
  return std::all_of(needed.begin(), needed.end(),
                     [&there](std::size_t part) { return there.contains(part); });
}

std::set<std::size_t> some_of(std::size_t parts) {
  std::set<std::size_t> chosen;
  const auto count = *rc::gen::inRange<std::size_t>(0, parts + 1);
  for (std::size_t i = 0; i < count; ++i) chosen.insert(*rc::gen::inRange<std::size_t>(0, parts));
  return chosen;
}

RC_GTEST_PROP(Ddmin, FindsExactlyWhatAMonotoneOracleNeeds, ()) {
  const auto parts = *rc::gen::inRange<std::size_t>(1, kMaxParts);
  const std::set<std::size_t> needed = some_of(parts);
  const Reduced reduced =
      reduce(parts, true, [&](const Parts& kept) { return holds_all(kept, needed); });
  RC_ASSERT(std::set<std::size_t>(reduced.kept.begin(), reduced.kept.end()) == needed);
}

// Any function of the parts, so with holes: more parts may show less.
RC_GTEST_PROP(Ddmin, IsOneMinimalForAnyOracle, ()) {
  const auto parts = *rc::gen::inRange<std::size_t>(1, kMaxParts);
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto often = *rc::gen::inRange(1, 10);
  const Oracle shows = [&](const Parts& kept) {
    if (kept.size() == parts) return true;
    std::string name;
    for (const std::size_t part : kept) name += std::to_string(part) + ",";
    return Rng(seed).split(name).unit() * 10 < often;
  };
  const Reduced reduced = reduce(parts, true, shows);
  RC_ASSERT(shows(reduced.kept));
  for (std::size_t i = 0; i < reduced.kept.size(); ++i) {
    Parts without = reduced.kept;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    RC_ASSERT(!shows(without));
  }
}

// An oracle that shows what it could show only with probability p never keeps too little, and ends.
RC_GTEST_PROP(Ddmin, NeverLosesWhatAFlakyOracleNeeds, ()) {
  const auto parts = *rc::gen::inRange<std::size_t>(1, kMaxParts);
  const std::set<std::size_t> needed = some_of(parts);
  Rng rng(*rc::gen::arbitrary<std::uint64_t>());
  const double p = *rc::gen::inRange(1, 10) / 10.0;
  const Reduced reduced = reduce(
      parts, true, [&](const Parts& kept) { return holds_all(kept, needed) && rng.unit() < p; });
  RC_ASSERT(holds_all(reduced.kept, needed));
}

RC_GTEST_PROP(Ddmin, NeverLeavesNothingWhereThatMakesNoSense, ()) {
  const auto parts = *rc::gen::inRange<std::size_t>(1, kMaxParts);
  const Reduced reduced = reduce(parts, false, [](const Parts& kept) {
    RC_ASSERT(!kept.empty());
    return true;
  });
  RC_ASSERT(reduced.kept.size() == 1U);
}

RC_GTEST_PROP(Descent, EndsCloseAboveTheThreshold, ()) {
  const auto value = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
  const auto least = *rc::gen::inRange<std::int64_t>(0, value);
  const auto needed = *rc::gen::inRange<std::int64_t>(0, value + 1);
  const auto resolution = *rc::gen::inRange<std::int64_t>(1, 1000);
  Descent machine(value, least, resolution);
  int tries = 0;
  while (const auto tried = machine.next()) {
    RC_ASSERT(++tries < 200);
    RC_ASSERT(*tried < machine.value());
    RC_ASSERT(*tried >= least);
    machine.on(*tried >= needed);
  }
  const std::int64_t end = machine.value();
  RC_ASSERT(end == value || end >= needed);
  // Half of what is left was refused, so the threshold is above it.
  const std::int64_t floor = std::max(needed, least);
  RC_ASSERT(end - floor <= std::max((end - least) / 2 + resolution, resolution));
}

}  // namespace
}  // namespace squall
