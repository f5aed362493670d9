// The checkers of inference calls against the definitions, written down naively.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "base/rng.h"
#include "checker/inference_replies.h"
#include "tests/checker/history_text.h"

namespace squall {
namespace {

constexpr std::int64_t kBoundMs = 3;

struct Shape {
  std::uint64_t count = 0;
  std::uint64_t users = 0;
  std::uint64_t epochs = 0;
};

ValueId random_call(Rng& rng, Values& values, const Shape& shape) {
  const auto epoch = static_cast<std::int64_t>(rng.below(shape.epochs + 1));
  // Mostly the version that the epoch had; sometimes not.
  const std::int64_t version = rng.below(20) == 0 ? 9 : epoch;
  std::vector<ValueId> outputs{values.integer(static_cast<std::int64_t>(rng.below(4)) * 60)};
  if (rng.below(40) == 0) outputs.push_back(values.integer(1));
  const std::vector<ValueId> items{values.text("r"),
                                   values.integer(1),
                                   values.text("u" + std::to_string(rng.below(shape.users))),
                                   values.integer(static_cast<std::int64_t>(rng.below(5))),
                                   values.text("r"),
                                   values.integer(1),
                                   values.text(std::to_string(version)),
                                   values.integer(epoch),
                                   values.text(rng.below(2) == 0 ? "stable" : "canary"),
                                   values.text("g"),
                                   values.text("m" + std::to_string(rng.below(3))),
                                   values.list(outputs),
                                   values.integer(1)};
  return values.list(items);
}

Recording random_calls(std::uint64_t seed, const Shape& shape) {
  Rng rng(seed);
  Recording recording;
  History& history = recording.history;
  for (int i = 0; i < 3; ++i) {
    Process process;
    process.id = i;
    process.clock_error = Duration(i == 2 ? test::kMs : 0);
    history.add_process(process);
  }
  for (std::uint64_t i = 0; i < shape.count; ++i) {
    Operation op;
    op.process = static_cast<ProcessIndex>(rng.below(3));
    op.function = history.functions().intern(kInferFunction);
    op.outcome = rng.below(10) == 0 ? Outcome::kFail : Outcome::kOk;
    op.key = history.values().text(rng.below(4) == 0 ? "a" : "b");
    op.value = random_call(rng, history.values(), shape);
    op.sent = static_cast<std::int64_t>(rng.below(60)) * test::kMs;
    op.completed = op.sent + static_cast<std::int64_t>(rng.below(10)) * test::kMs;
    op.scheduled = op.sent;
    history.append(op);
  }
  history.sort_by_sent();
  return recording;
}

bool is_before(const History& history, const InferenceOp& a, const InferenceOp& b,
               std::int64_t bound) {
  return certain_interval(history, a.op).completed + bound < certain_interval(history, b.op).sent;
}

// Every pair is looked at: how many replies are behind another one, by rule.
struct Counts {
  std::uint64_t users = 0;
  std::uint64_t cohorts = 0;
  bool has_conflict = false;
};

Counts naive_counts(const History& history) {
  const std::vector<InferenceOp> replies = inference_replies(history, "");
  Counts counts;
  for (const InferenceOp& later : replies) {
    bool is_user_back = false;
    bool is_cohort_back = false;
    for (const InferenceOp& earlier : replies) {
      if (history.key()[earlier.op] != history.key()[later.op]) continue;
      if (earlier.reply.epoch == 0 || later.reply.epoch == 0) continue;
      const bool is_older = later.reply.epoch < earlier.reply.epoch;
      const bool is_same_cohort = earlier.reply.cohort == later.reply.cohort;
      if (earlier.request.user == later.request.user && is_older) {
        is_user_back |= is_before(history, earlier, later, 0);
      }
      if (is_same_cohort && is_older) {
        is_cohort_back |= is_before(history, earlier, later, kBoundMs * test::kMs);
      }
      counts.has_conflict |= is_same_cohort && later.reply.epoch == earlier.reply.epoch &&
                             later.reply.version != earlier.reply.version;
    }
    counts.users += is_user_back ? 1U : 0U;
    counts.cohorts += is_cohort_back ? 1U : 0U;
  }
  return counts;
}

// The witness alone must show it.
bool is_proof(const History& history, const Witness& witness) {
  if (witness.operations.size() != 2) return false;
  const std::optional<InferenceCall> a = inference_call(history, witness.operations[0]);
  const std::optional<InferenceCall> b = inference_call(history, witness.operations[1]);
  const InferenceOp first{witness.operations[0], a->request, *a->reply};
  const InferenceOp second{witness.operations[1], b->request, *b->reply};
  if (first.reply.epoch == second.reply.epoch) return first.reply.version != second.reply.version;
  const InferenceOp& newer = first.reply.epoch > second.reply.epoch ? first : second;
  const InferenceOp& older = &newer == &first ? second : first;
  const bool is_user = newer.request.user == older.request.user;
  return is_before(history, newer, older, is_user ? 0 : kBoundMs * test::kMs);
}

std::string fact_of(const Verdict& verdict, const std::string& name) {
  for (const auto& [key, value] : verdict.facts) {
    if (key == name) return value;
  }
  return "";
}

Shape random_shape() {
  return {*rc::gen::inRange<std::uint64_t>(0, 40), *rc::gen::inRange<std::uint64_t>(1, 8),
          *rc::gen::inRange<std::uint64_t>(1, 5)};
}

RC_GTEST_PROP(InferenceProperty, ModelVersionAgreesWithLookingAtEveryPair, ()) {
  const Recording recording = random_calls(*rc::gen::arbitrary<std::uint64_t>(), random_shape());
  const Counts counts = naive_counts(recording.history);
  const Verdict verdict = test::check("model-version:bound=3ms", recording);
  RC_ASSERT(fact_of(verdict, "users sent back") == std::to_string(counts.users));
  RC_ASSERT(fact_of(verdict, "cohorts sent back after the bound") ==
            std::to_string(counts.cohorts));
  RC_ASSERT((fact_of(verdict, "two versions in one epoch") != "0") == counts.has_conflict);
  const bool is_violated = counts.users + counts.cohorts > 0 || counts.has_conflict;
  RC_ASSERT((verdict.answer == Answer::kViolated) == is_violated);
  for (const Witness& witness : verdict.witnesses) {
    RC_ASSERT(is_proof(recording.history, witness));
  }
}

RC_GTEST_PROP(InferenceProperty, PredictionParityAgreesWithLookingAtEveryPair, ()) {
  const Recording recording = random_calls(*rc::gen::arbitrary<std::uint64_t>(), random_shape());
  const History& history = recording.history;
  const std::vector<InferenceOp> replies = inference_replies(history, "");
  bool is_apart = false;
  bool is_on_two = false;
  for (const InferenceOp& a : replies) {
    for (const InferenceOp& b : replies) {
      if (history.key()[a.op] != history.key()[b.op]) continue;
      if (a.reply.version != b.reply.version || a.request.input != b.request.input) continue;
      is_on_two |= a.reply.replica != b.reply.replica;
      is_apart |= a.reply.outputs.size() != b.reply.outputs.size();
      for (std::size_t i = 0; i < std::min(a.reply.outputs.size(), b.reply.outputs.size()); ++i) {
        is_apart |= std::abs(a.reply.outputs[i] - b.reply.outputs[i]) > 100;
      }
    }
  }
  const Answer expected = is_apart    ? Answer::kViolated
                          : is_on_two ? Answer::kValid
                                      : Answer::kUnknown;
  RC_ASSERT(test::check("prediction-parity", recording).answer == expected);
}

}  // namespace
}  // namespace squall
