// Times within bounds.
#include "scenarios/random_place.h"

#include <algorithm>
#include <numeric>

#include "scenarios/random_draw.h"
#include "scenarios/random_values.h"

namespace squall {
namespace {

// `count` moments of [from, from + room], in order and at least `gap` apart, in whole milliseconds
// where there are any.  Each comes from its own throw; the order in which the throws fall is whose
// turn it is.
struct Turns {
  std::vector<std::size_t> order;  // index of the throw
  std::vector<Duration> moments;
};

Turns draw_turns(std::int64_t count, Duration from, Duration room, Duration gap, const Rng& root,
                 const std::string& name) {
  Turns turns;
  const Duration free = room - gap * (count - 1);
  std::vector<Duration> throws;
  for (std::int64_t i = 1; i <= count; ++i) {
    Rng rng = root.split(name + "/" + std::to_string(i));
    throws.push_back(draw_between(Duration{0}, free, rng));
  }
  turns.order.resize(throws.size());
  std::iota(turns.order.begin(), turns.order.end(), std::size_t{0});
  std::stable_sort(turns.order.begin(), turns.order.end(),
                   [&throws](std::size_t a, std::size_t b) { return throws[a] < throws[b]; });
  for (std::size_t turn = 0; turn < turns.order.size(); ++turn) {
    turns.moments.push_back(from + throws[turns.order[turn]] +
                            gap * static_cast<std::int64_t>(turn));
  }
  return turns;
}

bool shares_process(const std::vector<Target>& a, const std::vector<Target>& b) {
  return std::any_of(a.begin(), a.end(), [&b](const Target& target) {
    return std::find(b.begin(), b.end(), target) != b.end();
  });
}

}  // namespace

Places::Places(const RandomTimeline& random, std::int64_t count, const Rng& root)
    : random_(random) {
  if (random_.pattern == RandomPattern::kSwizzle) plan_swizzle(count, root);
}

// They start one by one in the first half and heal one by one in the second, in another order.
void Places::plan_swizzle(std::int64_t count, const Rng& root) {
  const Duration half = random_.length / 2;
  const Turns starts = draw_turns(count, Duration{0}, half, random_.gap, root, "start");
  Turns heals = draw_turns(count, half, random_.length - half, random_.gap, root, "heal");
  if (count > 1 && starts.order == heals.order) {
    std::rotate(heals.order.begin(), heals.order.begin() + 1, heals.order.end());
  }
  for (std::size_t turn = 0; turn < starts.order.size(); ++turn) {
    swizzle_[static_cast<std::int64_t>(starts.order[turn]) + 1].start = starts.moments[turn];
    swizzle_[static_cast<std::int64_t>(heals.order[turn]) + 1].end = heals.moments[turn];
  }
}

Duration Places::length_of(std::int64_t number) const {
  const Placed& planned = swizzle_.at(number);
  // The last start and the first heal may be the same moment.
  return std::max(planned.end - planned.start, Duration(std::chrono::milliseconds(1)));
}

bool Places::fits(const Placed& fault) const {
  if (fault.start < Duration{0} || fault.end > random_.length) return false;
  const bool is_free = random_.pattern == RandomPattern::kFree;
  std::vector<Duration> moments{fault.start};
  for (const Placed& other : placed_) {
    const Duration distance = std::chrono::abs(other.start - fault.start);
    if (is_free && distance < random_.gap) return false;
    if (other.start > fault.start && other.start < fault.end) moments.push_back(other.start);
    const bool is_apart =
        fault.start >= other.end + kProcessRest || other.start >= fault.end + kProcessRest;
    if (is_apart) continue;
    const bool is_of_processes = fault.hits_any || !fault.processes.empty();
    const bool is_other_of_processes = other.hits_any || !other.processes.empty();
    if (!is_of_processes || !is_other_of_processes) continue;
    if (fault.hits_any || other.hits_any) return false;
    if (shares_process(fault.processes, other.processes)) return false;
  }
  if (!is_free) return true;
  // An event is active for a moment at least, and so are faults that touch.
  return std::all_of(moments.begin(), moments.end(), [&](Duration moment) {
    const auto active = std::count_if(placed_.begin(), placed_.end(), [&](const Placed& other) {
      return other.start <= moment && moment <= other.end;
    });
    return active + 1 <= random_.at_once;
  });
}

// Where a fault fits if it fits anywhere: as soon as another one has ended or the gap is over.
std::vector<Duration> Places::edges(Duration active) const {
  const Duration moment = std::chrono::milliseconds(1);
  std::vector<Duration> edges{Duration{0}, random_.length - active};
  for (const Placed& other : placed_) {
    edges.push_back(other.start + std::max(random_.gap, moment));
    edges.push_back(other.start - std::max(random_.gap, active + moment));
    edges.push_back(other.end + moment);
    edges.push_back(other.end + kProcessRest);
    edges.push_back(other.start - active - kProcessRest);
  }
  std::sort(edges.begin(), edges.end());
  return edges;
}

std::optional<Duration> Places::place(Placed fault) {
  if (!fits(fault)) return std::nullopt;
  placed_.push_back(std::move(fault));
  return placed_.back().start;
}

std::optional<Duration> Places::find(const Placing& fault, const Rng& stream, bool is_last) {
  Placed wanted{Duration{0}, Duration{0}, fault.processes, fault.hits_any};
  if (random_.pattern == RandomPattern::kSwizzle) {
    wanted.start = swizzle_.at(fault.number).start;
    wanted.end = wanted.start + length_of(fault.number);
    return place(std::move(wanted));
  }
  std::vector<Duration> starts;
  Rng rng = stream.split("at");
  starts.push_back(draw_between(Duration{0}, random_.length - fault.active, rng));
  if (is_last) {
    const std::vector<Duration> more = edges(fault.active);
    starts.insert(starts.end(), more.begin(), more.end());
  }
  for (const Duration start : starts) {
    wanted.start = start;
    wanted.end = start + fault.active;
    if (const auto found = place(wanted)) return found;
  }
  return std::nullopt;
}

}  // namespace squall
