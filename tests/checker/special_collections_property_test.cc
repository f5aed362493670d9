// The special cases of queues and sets against trying every order.
#include <algorithm>
#include <deque>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "checker/special_queue.h"
#include "checker/special_set.h"
#include "tests/checker/order_oracle.h"

namespace squall {
namespace {

std::uint32_t below(Rng& rng, std::uint32_t bound) {
  return static_cast<std::uint32_t>(rng.below(bound));
}

template <typename Op>
void draw_times(Rng& rng, std::uint32_t span, Op& op) {
  op.called = below(rng, span);
  op.returned = op.called + below(rng, 1 + span / 2);
}

// Operations in the order of a random moment of each.
template <typename Op>
std::vector<std::size_t> by_moment(Rng& rng, const std::vector<Op>& ops) {
  std::vector<std::pair<std::int64_t, std::size_t>> moments;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const auto length = static_cast<std::uint32_t>(ops[i].returned - ops[i].called);
    moments.emplace_back(ops[i].called + below(rng, length + 1), i);
  }
  std::sort(moments.begin(), moments.end());
  std::vector<std::size_t> order;
  for (const auto& [at, i] : moments) order.push_back(i);
  return order;
}

template <typename Op>
std::vector<test::Interval> intervals(const std::vector<Op>& ops) {
  std::vector<test::Interval> all;
  for (const Op& op : ops) all.push_back({op.called, op.returned});
  return all;
}

// ---- queues ------------------------------------------------------------------------------------

// Answers are those of a queue that takes the operations at a moment of each, but for one in
// `lie_every`.
std::vector<QueueOp> random_queue(Rng& rng, std::uint32_t count, QueueOrder order) {
  std::vector<QueueOp> ops(count);
  const std::uint32_t span = 2 + below(rng, 3 * count);
  for (std::uint32_t i = 0; i < count; ++i) {
    draw_times(rng, span, ops[i]);
    ops[i].is_enqueue = below(rng, 2) == 0;
    ops[i].value = i;
  }
  const std::uint32_t lie_every = 3 + below(rng, 12);
  std::deque<std::uint32_t> queue;
  for (const std::size_t i : by_moment(rng, ops)) {
    QueueOp& op = ops[i];
    const bool is_crashed = op.is_enqueue && below(rng, 6) == 0;
    if (op.is_enqueue && !(is_crashed && below(rng, 2) == 0)) queue.push_back(op.value);
    if (is_crashed) op.returned = kNever;
    if (op.is_enqueue) continue;
    op.value = kNothingThere;
    if (!queue.empty()) {
      const std::size_t at = order == QueueOrder::kFifo ? 0 : rng.below(queue.size());
      op.value = queue[at];
      queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(at));
    }
    if (below(rng, lie_every) == 0) op.value = below(rng, count);
    if (below(rng, 2 * lie_every) == 0) op.value = kNothingThere;
  }
  return ops;
}

bool has_queue_order(const std::vector<QueueOp>& ops, QueueOrder order) {
  using State = std::vector<std::uint32_t>;
  const auto step = [&](const State& state, std::size_t i) -> std::optional<State> {
    State next = state;
    const QueueOp& op = ops[i];
    if (op.is_enqueue) {
      next.push_back(op.value);
      return next;
    }
    if (op.value == kNothingThere) return state.empty() ? std::optional(state) : std::nullopt;
    const auto found = std::find(next.begin(), next.end(), op.value);
    if (found == next.end()) return std::nullopt;
    if (order == QueueOrder::kFifo && found != next.begin()) return std::nullopt;
    next.erase(found);
    return next;
  };
  return test::has_order(intervals(ops), State{}, step);
}

std::string to_text(const std::vector<QueueOp>& ops) {
  std::ostringstream out;
  for (const QueueOp& op : ops) {
    out << (op.is_enqueue ? "enq " : "deq ");
    if (op.value == kNothingThere) {
      out << "nothing";
    } else {
      out << op.value;
    }
    out << " @" << op.called << "-";
    if (op.returned != kNever) out << op.returned;
    out << " | ";
  }
  return out.str();
}

void expect_agreement_on_queues(QueueOrder order) {
  Rng rng(order == QueueOrder::kFifo ? 1 : 2);
  constexpr int kHistories = 60'000;
  int violated = 0;
  int empties = 0;
  for (int i = 0; i < kHistories; ++i) {
    const std::uint32_t count = 2 + below(rng, 7);
    const std::vector<QueueOp> ops = random_queue(rng, count, order);
    const SpecialOutcome outcome = check_unique_queue(ops, count, order);
    ASSERT_TRUE(outcome.is_mine()) << outcome.why;
    const bool has_order = has_queue_order(ops, order);
    ASSERT_EQ(outcome.answer == SpecialAnswer::kValid, has_order)
        << outcome.why << ": " << to_text(ops);
    if (has_order) continue;
    ++violated;
    empties += outcome.why.find("nothing") != std::string::npos ? 1 : 0;
    std::vector<QueueOp> core;
    for (const std::size_t op : outcome.core) core.push_back(ops[op]);
    ASSERT_FALSE(has_queue_order(core, order)) << outcome.why << ": " << to_text(core);
  }
  EXPECT_GT(violated, kHistories / 10);
  EXPECT_LT(violated, kHistories * 9 / 10);
  EXPECT_GT(empties, kHistories / 100);
}

TEST(UniqueQueueProperty, FifoAgreesWithTryingEveryOrder) {
  expect_agreement_on_queues(QueueOrder::kFifo);
}

TEST(UniqueQueueProperty, UnorderedAgreesWithTryingEveryOrder) {
  expect_agreement_on_queues(QueueOrder::kNone);
}

TEST(UniqueQueue, LeavesWhatIsNotOfItsClassToOthers) {
  const QueueOp one{0, 5, true, 0};
  const QueueOp again{10, 15, true, 0};
  const QueueOp lost{20, kNever, false, kNothingThere};
  const auto answer = [](std::vector<QueueOp> ops) {
    return check_unique_queue(ops, 1, QueueOrder::kFifo).answer;
  };
  EXPECT_EQ(answer({one, again}), SpecialAnswer::kNotMine);
  EXPECT_EQ(answer({one, lost}), SpecialAnswer::kNotMine);
  EXPECT_EQ(answer({one}), SpecialAnswer::kValid);
  EXPECT_EQ(answer({}), SpecialAnswer::kValid);
}

// ---- sets --------------------------------------------------------------------------------------

struct Sets {
  std::vector<SetOp> ops;
  std::vector<std::vector<std::uint32_t>> elements;  // beside ops
};

Sets random_set(Rng& rng, std::uint32_t count) {
  Sets sets;
  sets.ops.resize(count);
  sets.elements.resize(count);
  const std::uint32_t span = 2 + below(rng, 3 * count);
  for (std::uint32_t i = 0; i < count; ++i) {
    draw_times(rng, span, sets.ops[i]);
    sets.ops[i].is_add = below(rng, 2) == 0;
    sets.ops[i].value = i;
  }
  const std::uint32_t lie_every = 2 + below(rng, 8);
  std::set<std::uint32_t> state;
  for (const std::size_t i : by_moment(rng, sets.ops)) {
    SetOp& op = sets.ops[i];
    const bool is_crashed = below(rng, 6) == 0;
    if (op.is_add && !(is_crashed && below(rng, 2) == 0)) state.insert(op.value);
    if (is_crashed) op.returned = kNever;
    if (op.is_add) continue;
    std::set<std::uint32_t> seen = state;
    if (below(rng, lie_every) == 0 && !seen.empty()) seen.erase(seen.begin());
    if (below(rng, 3 * lie_every) == 0) seen.insert(below(rng, count));
    sets.elements[i].assign(seen.begin(), seen.end());
  }
  for (std::uint32_t i = 0; i < count; ++i) sets.ops[i].elements = sets.elements[i];
  return sets;
}

bool has_set_order(const std::vector<SetOp>& ops) {
  using State = std::set<std::uint32_t>;
  const auto step = [&](const State& state, std::size_t i) -> std::optional<State> {
    if (ops[i].is_add) {
      State next = state;
      next.insert(ops[i].value);
      return next;
    }
    const State seen(ops[i].elements.begin(), ops[i].elements.end());
    return ops[i].returned == kNever || seen == state ? std::optional(state) : std::nullopt;
  };
  return test::has_order(intervals(ops), State{}, step);
}

// A core's reads are about the elements whose adds it holds, unless nobody added what they have.
void expect_core_has_no_order(const Sets& sets, const SpecialOutcome& outcome) {
  std::vector<SetOp> core;
  std::set<std::uint32_t> added;
  for (const std::size_t i : outcome.core) {
    core.push_back(sets.ops[i]);
    if (sets.ops[i].is_add) added.insert(sets.ops[i].value);
  }
  std::vector<std::vector<std::uint32_t>> elements(core.size());
  for (std::size_t i = 0; i < core.size() && core.size() > 1; ++i) {
    for (const std::uint32_t value : core[i].elements) {
      if (added.count(value) > 0) elements[i].push_back(value);
    }
    core[i].elements = elements[i];
  }
  EXPECT_FALSE(has_set_order(core)) << outcome.why;
}

TEST(GrowingSetProperty, AgreesWithTryingEveryOrder) {
  Rng rng(3);
  constexpr int kHistories = 60'000;
  int violated = 0;
  for (int i = 0; i < kHistories; ++i) {
    const std::uint32_t count = 2 + below(rng, 7);
    const Sets sets = random_set(rng, count);
    const SpecialOutcome outcome = check_growing_set(sets.ops, count);
    ASSERT_TRUE(outcome.is_mine()) << outcome.why;
    const bool has_order = has_set_order(sets.ops);
    ASSERT_EQ(outcome.answer == SpecialAnswer::kValid, has_order) << outcome.why;
    if (has_order) continue;
    ++violated;
    expect_core_has_no_order(sets, outcome);
  }
  EXPECT_GT(violated, kHistories / 10);
  EXPECT_LT(violated, kHistories * 9 / 10);
}

TEST(GrowingSet, LeavesWhatIsNotOfItsClassToOthers) {
  const SetOp one{0, 5, true, 0, {}};
  const SetOp again{10, 15, true, 0, {}};
  const std::uint32_t twice[] = {0, 0};
  const SetOp read{20, 25, false, 0, twice};
  EXPECT_EQ(check_growing_set(std::vector{one, again}, 1).answer, SpecialAnswer::kNotMine);
  EXPECT_EQ(check_growing_set(std::vector{one, read}, 1).answer, SpecialAnswer::kNotMine);
  EXPECT_EQ(check_growing_set({}, 0).answer, SpecialAnswer::kValid);
}

}  // namespace
}  // namespace squall
