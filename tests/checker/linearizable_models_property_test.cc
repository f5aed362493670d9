// Every model of linearizable against trying every order, and laws that hold for any history.
#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "checker/checker.h"
#include "tests/checker/history_text.h"
#include "tests/checker/object_oracle.h"

namespace squall {
namespace {

using test::ObjectOp;

Answer answer(const std::string& model, const std::vector<ObjectOp>& ops) {
  return test::check(test::request_for(model), test::to_text(ops)).answer;
}
bool is_violated(const std::string& model, const std::vector<ObjectOp>& ops) {
  return answer(model, ops) == Answer::kViolated;
}

class LinearizableModel : public testing::TestWithParam<std::string> {};

// Mutations are harmful where the oracle finds no order; each of those must be caught.
TEST_P(LinearizableModel, AgreesWithTryingEveryOrder) {
  Rng rng(41);
  int violated = 0;
  constexpr int kHistories = 800;
  for (int i = 0; i < kHistories; ++i) {
    std::vector<ObjectOp> ops = test::random_history(GetParam(), rng, 2 + rng.below(7));
    for (std::uint64_t k = rng.below(3); k > 0; --k) ops = test::mutated(std::move(ops), rng);
    const bool has_order = test::has_object_order(GetParam(), ops);
    ASSERT_EQ(is_violated(GetParam(), ops), !has_order) << test::to_text(ops);
    violated += has_order ? 0 : 1;
  }
  EXPECT_GT(violated, kHistories / 50);  // both answers are common enough to mean something
  EXPECT_LT(violated, kHistories * 9 / 10);
}

TEST_P(LinearizableModel, CallsNoValidHistoryViolated) {
  Rng rng(42);
  for (int i = 0; i < 75; ++i) {  // a thousand over all models
    const std::vector<ObjectOp> ops = test::random_history(GetParam(), rng, 40);
    ASSERT_FALSE(is_violated(GetParam(), ops)) << test::to_text(ops);
    std::vector<ObjectOp> wider = ops;
    for (ObjectOp& op : wider) op.completed += static_cast<int>(rng.below(5));
    ASSERT_FALSE(is_violated(GetParam(), wider)) << test::to_text(ops);
    std::vector<ObjectOp> fewer;  // reads only ever forbid
    for (const ObjectOp& op : ops) {
      if (!test::is_observation(op) || rng.below(2) == 0) fewer.push_back(op);
    }
    ASSERT_FALSE(is_violated(GetParam(), fewer)) << test::to_text(ops);
  }
}

TEST_P(LinearizableModel, NamesOfProcessesDoNotMatter) {
  Rng rng(43);
  for (int i = 0; i < 100; ++i) {
    const std::vector<ObjectOp> ops = test::mutated(test::random_history(GetParam(), rng, 12), rng);
    std::vector<ObjectOp> renamed = ops;
    for (ObjectOp& op : renamed) op.process = 500 - op.process;
    ASSERT_EQ(is_violated(GetParam(), ops), is_violated(GetParam(), renamed)) << test::to_text(ops);
  }
}

// The witness is a violation of its own, unless it says that it rests on what came before.
TEST_P(LinearizableModel, AWitnessHasNoOrderEither) {
  Rng rng(44);
  for (int i = 0; i < 150; ++i) {
    const std::vector<ObjectOp> ops = test::mutated(test::random_history(GetParam(), rng, 8), rng);
    std::vector<ObjectOp> sorted = ops;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const ObjectOp& a, const ObjectOp& b) { return a.sent < b.sent; });
    const Verdict verdict = test::check(test::request_for(GetParam()), test::to_text(sorted));
    if (verdict.answer != Answer::kViolated) continue;
    if (verdict.summary.find("before") != std::string::npos) continue;
    std::vector<ObjectOp> chosen;
    for (const OpIndex op : verdict.witnesses.at(0).operations) chosen.push_back(sorted.at(op));
    ASSERT_FALSE(test::has_object_order(GetParam(), chosen)) << test::to_text(sorted) << "\n"
                                                             << verdict.summary;
  }
}

TEST_P(LinearizableModel, TheNumberOfThreadsChangesNothing) {
  Rng rng(45);
  Pool pool(3);
  const CheckRequest request = *parse_check(test::request_for(GetParam()));
  for (int i = 0; i < 20; ++i) {
    const Recording recording = test::recording(
        test::to_text(test::mutated(test::random_history(GetParam(), rng, 30), rng)));
    const Budget few{.steps = 2'000};
    Budget many = few;
    many.pool = &pool;
    const Verdict alone = run_check(request, recording, few);
    const Verdict together = run_check(request, recording, many);
    ASSERT_EQ(to_json(alone), to_json(together));
    ASSERT_EQ(alone.summary, together.summary);
  }
}

INSTANTIATE_TEST_SUITE_P(All, LinearizableModel, testing::ValuesIn(test::oracle_models()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// RapidCheck shrinks what it finds; the same claim as the first test over its own histories.
RC_GTEST_PROP(LinearizableModels, AgreeOnWhatRapidCheckDraws, ()) {
  const auto& models = test::oracle_models();
  const std::string& model = models[*rc::gen::inRange<std::size_t>(0, models.size())];
  Rng rng(*rc::gen::arbitrary<std::uint64_t>());
  const auto count = *rc::gen::inRange<std::size_t>(0, 8);
  const std::vector<ObjectOp> ops = test::mutated(test::random_history(model, rng, count), rng);
  RC_ASSERT(is_violated(model, ops) == !test::has_object_order(model, ops));
}

}  // namespace
}  // namespace squall
