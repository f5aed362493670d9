// linearizable against trying every order, and laws that must hold for any history.
#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/rng.h"
#include "checker/jit_core.h"
#include "tests/checker/history_text.h"
#include "tests/checker/register_oracle.h"

namespace squall {
namespace {

using test::OracleOp;
using Call = OracleOp::Call;

// Values 0–2, so that reads often fit; many crashes; instants collide on purpose.
std::vector<OracleOp> random_ops(Rng& rng, std::size_t count) {
  std::vector<OracleOp> ops;
  const auto below = [&](int bound) {
    return static_cast<int>(rng.below(static_cast<std::uint64_t>(bound)));
  };
  const int span = 2 + below(3 * static_cast<int>(count) + 1);
  const int crash_every = 2 + below(5);
  for (std::size_t i = 0; i < count; ++i) {
    OracleOp op;
    op.process = static_cast<int>(i);
    op.call = static_cast<Call>(below(4));
    op.from = below(3);
    op.to = below(3);
    op.sent = below(span);
    op.completed = op.sent + below(span);
    op.is_crashed = op.call != Call::kFailedCas && below(crash_every) == 0;
    ops.push_back(op);
  }
  return ops;
}

bool is_violated(const std::vector<OracleOp>& ops) {
  return test::check("linearizable", test::to_text(ops)).answer == Answer::kViolated;
}

TEST(LinearizableProperty, AgreesWithTryingEveryOrder) {
  Rng rng(20260801);
  int violated = 0;
  constexpr int kHistories = 30'000;
  for (int i = 0; i < kHistories; ++i) {
    const std::vector<OracleOp> ops = random_ops(rng, 1 + rng.below(7));
    const bool has_order = test::has_order(ops, 0);
    ASSERT_EQ(is_violated(ops), !has_order) << test::to_text(ops);
    violated += has_order ? 0 : 1;
  }
  // The comparison means something only if both answers are common.
  EXPECT_GT(violated, kHistories / 10);
  EXPECT_LT(violated, kHistories * 9 / 10);
}

// What linearize() calls impossible without looking ahead is impossible with it, and the reverse.
TEST(LinearizableProperty, LookingAheadChangesNoAnswer) {
  Rng rng(7);
  for (int i = 0; i < 5'000; ++i) {
    const std::vector<OracleOp> ops = random_ops(rng, 1 + rng.below(12));
    std::vector<RegisterOp> all;
    for (const OracleOp& op : ops) {
      RegisterOp out;
      out.called = op.sent;
      out.returned = op.is_crashed ? kNever : op.completed;
      out.call = static_cast<RegisterCall>(op.call);
      out.from = static_cast<State>(op.from);
      out.to = static_cast<State>(op.to);
      all.push_back(out);
    }
    const State initial[] = {0};
    const OrderOutcome with = linearize({all, 3, initial, true}, Budget{});
    const OrderOutcome without = linearize({all, 3, initial, false}, Budget{});
    ASSERT_EQ(with.answer, without.answer) << test::to_text(ops);
  }
}

// The operations of a witness, alone, have no order either: it can be believed without the rest.
TEST(LinearizableProperty, AWitnessHasNoOrderEither) {
  Rng rng(11);
  int from_start = 0;
  for (int i = 0; i < 3'000; ++i) {
    std::vector<OracleOp> ops = random_ops(rng, 2 + rng.below(6));
    std::sort(ops.begin(), ops.end(),
              [](const OracleOp& a, const OracleOp& b) { return a.sent < b.sent; });
    const Verdict verdict = test::check("linearizable", test::to_text(ops));
    if (verdict.answer != Answer::kViolated) continue;
    if (verdict.summary.find("whatever the value was") != std::string::npos) continue;
    ++from_start;
    std::vector<OracleOp> chosen;
    for (const OpIndex op : verdict.witnesses.at(0).operations) chosen.push_back(ops.at(op));
    ASSERT_FALSE(test::has_order(chosen, 0)) << test::to_text(ops) << "\n"
                                             << test::to_text(chosen) << "\n"
                                             << verdict.summary;
  }
  EXPECT_GT(from_start, 100);
}

TEST(LinearizableProperty, LawsThatKeepOrWidenWhatIsAllowed) {
  Rng rng(13);
  for (int i = 0; i < 4'000; ++i) {
    const std::vector<OracleOp> ops = random_ops(rng, 1 + rng.below(9));
    const bool before = is_violated(ops);
    std::vector<OracleOp> renamed = ops;  // other processes, other values, nil stays
    for (OracleOp& op : renamed) {
      op.process = 100 - op.process;
      op.from = op.from == 0 ? 0 : 3 - op.from;
      op.to = op.to == 0 ? 0 : 3 - op.to;
    }
    ASSERT_EQ(is_violated(renamed), before) << test::to_text(ops);
    if (before) continue;
    std::vector<OracleOp> fewer;  // reads only ever forbid
    for (const OracleOp& op : ops) {
      if (op.call != Call::kRead || rng.below(2) == 0) fewer.push_back(op);
    }
    ASSERT_FALSE(is_violated(fewer)) << test::to_text(ops);
    std::vector<OracleOp> wider = ops;
    for (OracleOp& op : wider) {
      op.sent = std::max(0, op.sent - static_cast<int>(rng.below(3)));
      op.completed += static_cast<int>(rng.below(3));
    }
    ASSERT_FALSE(is_violated(wider)) << test::to_text(ops);
  }
}

// RapidCheck shrinks what it finds; the same claim as the first test over its own histories.
RC_GTEST_PROP(LinearizableProperty, AgreesOnWhatRapidCheckDraws, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto count = *rc::gen::inRange<std::size_t>(0, 8);
  Rng rng(seed);
  const std::vector<OracleOp> ops = random_ops(rng, count);
  RC_ASSERT(is_violated(ops) == !test::has_order(ops, 0));
}

}  // namespace
}  // namespace squall
