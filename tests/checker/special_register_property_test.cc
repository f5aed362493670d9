// Zones against trying every order, and against the general search where orders are too many.
#include <algorithm>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "checker/jit_core.h"
#include "checker/special_register.h"
#include "tests/checker/register_oracle.h"

namespace squall {
namespace {

using test::OracleOp;
using Call = OracleOp::Call;

int below(Rng& rng, int bound) {
  return static_cast<int>(rng.below(static_cast<std::uint64_t>(bound)));
}

// Every write and cas has a value of its own, 1 … count; 0 is the initial one.
std::vector<OracleOp> random_ops(Rng& rng, int count) {
  std::vector<OracleOp> ops;
  const int span = 2 + below(rng, 3 * count + 1);
  const int crash_every = 2 + below(rng, 6);
  const int kinds = 2 + below(rng, 2);
  for (int i = 0; i < count; ++i) {
    OracleOp op;
    op.process = i;
    op.call = static_cast<Call>(below(rng, kinds));
    op.from = below(rng, count + 1);
    op.to = i + 1;
    op.sent = below(rng, span);
    op.completed = op.sent + below(rng, span);
    op.is_crashed = below(rng, crash_every) == 0;
    ops.push_back(op);
  }
  return ops;
}

// Values that are there when they should be: takes a random order for the truth.
std::vector<OracleOp> mostly_right_ops(Rng& rng, int count) {
  std::vector<OracleOp> ops = random_ops(rng, count);
  std::vector<std::pair<int, std::size_t>> moments;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    moments.emplace_back(ops[i].sent + below(rng, ops[i].completed - ops[i].sent + 1), i);
  }
  std::sort(moments.begin(), moments.end());
  int state = 0;
  for (const auto& [at, i] : moments) {
    OracleOp& op = ops[i];
    if (below(rng, 12) != 0) op.from = state;
    if (op.is_crashed && below(rng, 2) == 0) continue;
    const bool changes = op.call == Call::kWrite || (op.call == Call::kCas && op.from == state);
    if (changes) state = op.to;
  }
  return ops;
}

std::vector<RegisterOp> register_ops(const std::vector<OracleOp>& ops) {
  std::vector<RegisterOp> out;
  for (const OracleOp& op : ops) {
    RegisterOp one;
    one.called = op.sent;
    one.returned = op.is_crashed ? kNever : op.completed;
    one.call = static_cast<RegisterCall>(op.call);
    one.from = static_cast<State>(op.from);
    one.to = static_cast<State>(op.to);
    out.push_back(one);
  }
  return out;
}

SpecialOutcome zones(const std::vector<OracleOp>& ops) {
  return check_unique_register(register_ops(ops), static_cast<State>(ops.size() + 1), 0);
}

void expect_core_has_no_order(const std::vector<OracleOp>& ops, const SpecialOutcome& outcome) {
  std::vector<OracleOp> core;
  for (const std::size_t i : outcome.core) core.push_back(ops[i]);
  EXPECT_FALSE(core.empty());
  EXPECT_FALSE(test::has_order(core, 0))
      << outcome.why << ": " << test::to_text(core) << "\nof " << test::to_text(ops);
}

TEST(UniqueRegisterProperty, AgreesWithTryingEveryOrder) {
  Rng rng(20261127);
  int violated = 0;
  constexpr int kHistories = 60'000;
  for (int i = 0; i < kHistories; ++i) {
    const int count = 1 + below(rng, 7);
    const std::vector<OracleOp> ops =
        i % 2 == 0 ? random_ops(rng, count) : mostly_right_ops(rng, count);
    const SpecialOutcome outcome = zones(ops);
    ASSERT_TRUE(outcome.is_mine()) << outcome.why << test::to_text(ops);
    const bool has_order = test::has_order(ops, 0);
    ASSERT_EQ(outcome.answer == SpecialAnswer::kValid, has_order) << test::to_text(ops);
    if (has_order) continue;
    ++violated;
    expect_core_has_no_order(ops, outcome);
  }
  EXPECT_GT(violated, kHistories / 10);
  EXPECT_LT(violated, kHistories * 9 / 10);
}

TEST(UniqueRegisterProperty, AgreesWithTheGeneralSearchOnLongerHistories) {
  Rng rng(7);
  int valid = 0;
  constexpr int kHistories = 4'000;
  for (int i = 0; i < kHistories; ++i) {
    const std::vector<OracleOp> ops = mostly_right_ops(rng, 10 + below(rng, 30));
    const std::vector<RegisterOp> as_ops = register_ops(ops);
    const State initial[] = {0};
    const auto states = static_cast<State>(ops.size() + 1);
    const JitOutcome general = linearize({as_ops, states, initial, true}, Budget{});
    const SpecialOutcome outcome = check_unique_register(as_ops, states, 0);
    ASSERT_TRUE(outcome.is_mine());
    ASSERT_EQ(outcome.answer == SpecialAnswer::kValid, general.answer == Answer::kValid)
        << test::to_text(ops);
    valid += general.answer == Answer::kValid ? 1 : 0;
  }
  EXPECT_GT(valid, kHistories / 20);
  EXPECT_LT(valid, kHistories * 19 / 20);
}

SpecialAnswer answer_of(std::vector<OracleOp> ops, State states) {
  return check_unique_register(register_ops(ops), states, 0).answer;
}

TEST(UniqueRegister, LeavesWhatIsNotOfItsClassToOthers) {
  const OracleOp one{Call::kWrite, 0, 0, 1, 0, 5, false};
  OracleOp again = one;
  again.sent = 10;
  again.completed = 15;
  EXPECT_EQ(answer_of({one, again}, 2), SpecialAnswer::kNotMine);
  again.is_crashed = true;  // and nobody saw its value
  EXPECT_EQ(answer_of({again, again}, 2), SpecialAnswer::kValid);
  const OracleOp zero{Call::kWrite, 0, 0, 0, 0, 5, false};
  EXPECT_EQ(answer_of({zero}, 2), SpecialAnswer::kNotMine);
  const OracleOp differs{Call::kFailedCas, 0, 1, 0, 20, 25, false};
  EXPECT_EQ(answer_of({one, differs}, 2), SpecialAnswer::kNotMine);
  EXPECT_EQ(answer_of({differs}, 2), SpecialAnswer::kValid);
}

}  // namespace
}  // namespace squall
