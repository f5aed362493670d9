// No checker crashes, hangs or contradicts itself on any history, however senseless; and none looks
// at the names of processes.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/rng.h"
#include "tests/checker/history_text.h"

namespace squall {
namespace {

const char* const kRequests[] = {
    "linearizable",
    "linearizable:model=register,nil-read=wildcard,failed-cas=dropped,init=1",
    "linearizable:client=a",
    "mutual-exclusion",
    "mutual-exclusion:evidence=claims",
    "mutual-exclusion:evidence=effects,client=a",
    "set-full",
    "set-full:linearizable=true,bounded-loss=5ms,fault=f1",
    "bounded-staleness:bound=3ms",
    "bounded-staleness:bound=1ns,client=a,reader=b,write=add",
    "log-pattern",
    "slo:latency=2ms,availability=90%,goodput=80%,goodput-rate=10,during=all,window=1ms,windows=1",
    "slo:client=a,latency=1ns,recover-within=1ms,detect-pattern=.,detect-within=1ns,confidence=50%",
    "response-identity",
    "model-version:bound=1ms",
    "model-version:order=version,per=user,client=a",
    "prediction-parity:tolerance=0",
};

// Nearly an inference call: sometimes an item is of another kind.
ValueId random_call(Rng& rng, Values& values) {
  std::vector<ValueId> items;
  const std::size_t count = rng.below(4) == 0 ? 4 : 13;
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_number = i == 1 || i == 3 || i == 5 || i == 7 || i == 12;
    const auto extreme = rng.below(2) == 0 ? kNever : -kNever;
    const auto number = rng.below(8) == 0 ? extreme : static_cast<std::int64_t>(rng.below(4));
    if (i == 11 || rng.below(60) == 0) {
      items.push_back(rng.below(3) == 0 ? values.list({}) : values.pair(kNil, kNil));
      if (i == 11) {
        const std::vector<ValueId> outputs(rng.below(3), values.integer(number));
        items.back() = values.list(outputs);
      }
    } else {
      items.push_back(is_number ? values.integer(number)
                                : values.text(std::to_string(rng.below(3))));
    }
  }
  return values.list(items);
}

ValueId random_value(Rng& rng, Values& values, int depth) {
  switch (rng.below(depth > 0 ? 7 : 5)) {
    case 0:
      return kAbsent;
    case 1:
      return kNil;
    case 2:
      return values.boolean(rng.below(2) == 0);
    case 3:
      return values.text(rng.below(2) == 0 ? "#set" : "w");
    case 4:
      return values.integer(static_cast<std::int64_t>(rng.below(4)));
    default:
      break;
  }
  std::vector<ValueId> items;
  const std::uint64_t count = rng.below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    const ValueId item = random_value(rng, values, depth - 1);
    items.push_back(item == kAbsent ? kNil : item);
  }
  return values.list(items);
}

// Any time, even ones that make no sense: completed before sent, the ends of the range.
std::int64_t random_time(Rng& rng) {
  switch (rng.below(12)) {
    case 0:
      return kNever;
    case 1:
      return 0;
    case 2:
      return kNever - 1;
    case 3:
      return -5;
    default:
      return static_cast<std::int64_t>(rng.below(40)) * test::kMs;
  }
}

Recording random_recording(Rng& rng, std::uint64_t count, bool is_only_registers) {
  static const char* const kFunctions[] = {"read",    "write",   "cas",  "add",
                                           "acquire", "release", "infer"};
  Recording recording;
  History& history = recording.history;
  for (int i = 0; i < 5; ++i) {
    Process process;
    process.client = i % 2 == 0 ? "a" : "b";
    process.id = i;
    process.clock_error = Duration(rng.below(3) == 0 ? test::kMs : 0);
    history.add_process(process);
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    Operation op;
    op.process = static_cast<ProcessIndex>(rng.below(5));
    op.outcome = static_cast<Outcome>(rng.below(3));
    op.function = history.functions().intern(kFunctions[rng.below(is_only_registers ? 3 : 7)]);
    op.key = rng.below(3) == 0 ? kAbsent : random_value(rng, history.values(), 1);
    op.value = random_value(rng, history.values(), 2);
    if (is_only_registers && history.functions().name(op.function) == "cas") {
      op.value = history.values().pair(kNil, history.values().integer(1));
    }
    if (!is_only_registers && history.functions().name(op.function) == "infer") {
      op.value = random_call(rng, history.values());
    }
    op.sent = std::min(random_time(rng), kNever - test::kMs);
    op.completed = random_time(rng);
    if (op.completed == kNever) op.outcome = Outcome::kInfo;
    op.scheduled = op.sent;
    history.append(op, rng.below(4) == 0 ? "mismatch" : "");
  }
  history.sort_by_sent();
  recording.faults = {test::fault("f1", "network.partition", "x", 3, 30)};
  recording.logs = {{0, "n", "p", std::string(1, static_cast<char>(rng.below(256)))}};
  return recording;
}

void expect_sane(const Recording& recording) {
  for (const char* const text : kRequests) {
    const CheckRequest request = *parse_check(text);
    const Budget budget{.steps = 100'000};
    const Verdict verdict = run_check(request, recording, budget);
    ASSERT_FALSE(verdict.summary.empty()) << text;
    ASSERT_EQ(verdict.answer == Answer::kViolated, !verdict.witnesses.empty()) << text;
    for (const Witness& witness : verdict.witnesses) {
      ASSERT_FALSE(witness.why.empty()) << text;
      for (const OpIndex op : witness.operations) ASSERT_LT(op, recording.history.size()) << text;
    }
    const Verdict again = run_check(request, recording, budget);
    ASSERT_EQ(to_json(again), to_json(verdict)) << text;
    ASSERT_EQ(again.summary, verdict.summary) << text;
  }
}

TEST(GarbageProperty, EveryCheckerStaysSane) {
  Rng rng(99);
  for (int i = 0; i < 3'000; ++i) {
    expect_sane(random_recording(rng, rng.below(40), i % 2 == 0));
    if (HasFatalFailure()) return;
  }
}

RC_GTEST_PROP(GarbageProperty, EveryCheckerStaysSaneOnWhatRapidCheckDraws, ()) {
  Rng rng(*rc::gen::arbitrary<std::uint64_t>());
  const auto count = *rc::gen::inRange<std::uint64_t>(0, 60);
  const Recording recording = random_recording(rng, count, *rc::gen::arbitrary<bool>());
  for (const char* const text : kRequests) {
    const Verdict verdict = run_check(*parse_check(text), recording, Budget{.steps = 100'000});
    RC_ASSERT(!verdict.summary.empty());
    RC_ASSERT((verdict.answer == Answer::kViolated) == !verdict.witnesses.empty());
  }
}

}  // namespace
}  // namespace squall
