// Who is under way.
#include "checker/timeline.h"

#include <algorithm>

namespace squall {
namespace {

std::size_t words_for(std::size_t slots) {
  return std::max<std::size_t>(1, (slots + 63) / 64);
}

bool has(const std::uint64_t* bits, std::uint32_t slot) {
  return ((bits[slot / 64] >> (slot % 64)) & 1U) != 0;
}

}  // namespace

Timeline::Timeline(const OrderProblem& problem, const OrderPlan& plan)
    : problem_(problem),
      plan_(plan),
      called_(plan.classes.size(), 0),
      op_in_slot_(plan.slots, 0),
      same_under_way_(problem.calls.size(), 0),
      mask_words_(words_for(plan.slots)),
      kinds_(2, mask_words_),
      twins_(plan.slots, mask_words_) {}

std::size_t Timeline::retired_before(std::size_t position) const {
  while (position > 0 && !plan_.events[position - 1].is_return) --position;
  if (position == 0) return 0;
  const std::int64_t at = plan_.events[position - 1].at;
  std::size_t count = retired_;
  while (count > 0 && plan_.classes[count - 1].useful_until >= at) --count;
  return count;
}

// Of two operations under way that do the same, the one that returns earlier may as well go first:
// the other one can then do whatever it could have done.  But one that need not go any more gives
// way to one that must.
bool Timeline::is_to_wait(std::uint32_t slot, const std::uint64_t* used,
                          const std::uint64_t* owed) const {
  const std::uint64_t* twins = twins_.of(slot);
  const bool is_owed = has(owed, slot);
  std::uint64_t first = 0;
  for (std::size_t i = 0; i < mask_words_; ++i) first |= twins[i] & (is_owed ? owed[i] : ~used[i]);
  return first != 0;
}

void Timeline::set_under_way(std::uint32_t slot, const OrderOp& op, bool is_under_way) {
  const CallInfo& call = problem_.calls[op.call];
  if (call.is_pure) return;
  kinds_.set(0, slot, is_under_way);
  kinds_.set(1, slot, is_under_way && call.is_total);
  std::uint32_t& same = same_under_way_[op.call];
  if (is_under_way) {
    twins_.clear(slot);
    if (same++ > 0) rank(slot, op);
  } else if (--same > 0) {
    for (std::uint32_t other = 0; other < plan_.slots; ++other) twins_.set(other, slot, false);
  }
}

void Timeline::rank(std::uint32_t slot, const OrderOp& op) {
  for (std::uint32_t other = 0; other < plan_.slots; ++other) {
    if (other == slot || !has(mutators(), other)) continue;
    const OrderOp& twin = problem_.ops[op_in_slot_[other]];
    if (twin.call != op.call) continue;
    const bool is_first = twin.returned <= op.returned;
    twins_.set(is_first ? slot : other, is_first ? other : slot, true);
  }
}

}  // namespace squall
