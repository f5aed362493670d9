// slo: bounds in phases, with the sentences that people read.
#include <gtest/gtest.h>

#include "tests/checker/load_text.h"

namespace squall {
namespace {

using test::all_take;
using test::check;
using test::event;
using test::every;
using test::fact;
using test::fault;
using test::Load;
using test::loaded;

FaultInterval cut() {
  return fault("cut", "network.partition", "eu | us", 10'000, 20'000);
}

// 10 s each before, during and after a cut, and what operations take there.
Recording run_with(const std::function<std::int64_t(std::int64_t)>& during,
                   const std::function<std::int64_t(std::int64_t)>& after = all_take(2)) {
  return loaded(
      {{0, 10'000, 100, all_take(2)}, {10'000, 20'000, 100, during}, {20'000, 30'000, 100, after}},
      {cut()});
}

TEST(Slo, AcceptsWhatKeepsToItsBoundsInEveryPhase) {
  const Verdict verdict = check("slo:latency=20ms,availability=99%", run_with(all_take(5)));
  EXPECT_EQ(verdict.answer, Answer::kValid);
  EXPECT_EQ(verdict.promise, Promise::kSlo);
  EXPECT_EQ(verdict.examined, 3'000U);
  EXPECT_EQ(verdict.summary,
            "3000 operations inside the bounds with 95% confidence; closest: before: availability "
            "was 100%, the bound is 99%");
  EXPECT_EQ(fact(verdict, "before"),
            "1000 operations at 100/s, p50 2ms, p95 2ms (2ms), p99 2ms, availability 100%, goodput "
            "100% (100/s), effective sample 1000");
  EXPECT_EQ(fact(verdict, "time to detect cut"), "no window was outside the bounds");
  EXPECT_EQ(fact(verdict, "time to recover from cut"), "0s");
}

TEST(Slo, RejectsSlowOperationsDuringAFault) {
  const Verdict verdict = check("slo:latency=20ms", run_with(all_take(250)));
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.promise, Promise::kSlo);
  EXPECT_EQ(verdict.summary,
            "during cut: p95 was 250ms, the bound is 20ms: 1000 of 1000 operations too late or not "
            "answered; worst in 10–11s, while cut (network.partition eu | us) was active: "
            "operation 1000 took 250ms");
  EXPECT_EQ(verdict.witnesses.at(0).operations, (std::vector<OpIndex>{1000, 1001, 1002}));
  EXPECT_EQ(fact(verdict, "time to detect cut"), "1s");
}

TEST(Slo, CountsWhatFailedOrWasNeverAnsweredAsInfinitelyLate) {
  const Verdict verdict =
      check("slo:latency=20ms,availability=99%,goodput=99%", run_with([](std::int64_t n) {
              return n % 4 == 0 ? -1 : n % 4 == 1 ? kNever : 5;
            }));
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  ASSERT_EQ(verdict.witnesses.size(), 3U);
  EXPECT_TRUE(verdict.witnesses[0].why.starts_with(
      "during cut: p95 was unanswered, the bound is 20ms: 500 of 1000 operations too late"))
      << verdict.witnesses[0].why;
  EXPECT_TRUE(verdict.witnesses[1].why.starts_with(
      "during cut: availability was 50%, the bound is 99%: 500 of 1000 operations not answered"))
      << verdict.witnesses[1].why;
  EXPECT_TRUE(verdict.witnesses[2].why.starts_with("during cut: goodput was 50%, the bound is 99%"))
      << verdict.witnesses[2].why;
}

TEST(Slo, LatencyCountsFromTheSchedule) {
  Recording late;
  Process process;
  late.history.add_process(process);
  Operation op;
  op.function = late.history.functions().intern("infer");
  op.outcome = Outcome::kOk;
  for (int i = 0; i < 200; ++i) {
    op.scheduled = i * 10 * test::kMs;
    op.sent = op.scheduled + 500 * test::kMs;  // the client could not keep up
    op.completed = op.sent + test::kMs;
    late.history.append(op);
  }
  late.history.sort_by_sent();
  const Verdict verdict = check("slo:latency=20ms", late);
  EXPECT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary.substr(0, 54),
            "the whole run: p95 was 501ms, the bound is 20ms: 200 o");
}

TEST(Slo, ANegativeAnswerIsAnAnswer) {
  Recording recording;
  recording.history.add_process({});
  Operation op;
  op.function = recording.history.functions().intern("cas");
  op.outcome = Outcome::kFail;
  for (int i = 0; i < 400; ++i) {
    op.scheduled = op.sent = i * 10 * test::kMs;
    op.completed = op.sent + test::kMs;
    recording.history.append(op, "answer: mismatch");
  }
  recording.history.sort_by_sent();
  EXPECT_EQ(check("slo:availability=99%", recording).answer, Answer::kValid);
}

TEST(Slo, TooFewAreUnknownAndSayHowManyWouldDo) {
  const Verdict verdict = check("slo:latency=20ms", loaded({{0, 1'000, 40, all_take(2)}}));
  EXPECT_EQ(verdict.answer, Answer::kUnknown);
  EXPECT_EQ(verdict.summary,
            "the whole run: p95 was 2ms, the bound is 20ms: 40 operations cannot decide it with "
            "95% confidence, 59 like these would");
  EXPECT_EQ(check("slo:latency=20ms", loaded({{0, 1'000, 59, all_take(2)}})).answer,
            Answer::kValid);
  EXPECT_EQ(check("slo:latency=20ms,confidence=99%", loaded({{0, 1'000, 59, all_take(2)}})).answer,
            Answer::kUnknown);
}

TEST(Slo, WhatIsTooNearToTheBoundIsUnknown) {
  const Verdict verdict = check("slo:availability=95%", loaded({{0, 10'000, 100, every(19, 2)}}));
  EXPECT_EQ(verdict.answer, Answer::kUnknown);
  EXPECT_EQ(
      verdict.summary.substr(0, 96),
      "the whole run: availability was 94.7%, the bound is 95%: 1000 operations cannot decide "
      "it with 9");
  // The sample itself is under it.
  EXPECT_EQ(
      check("slo:availability=95%,confidence=50%", loaded({{0, 10'000, 100, every(19, 2)}})).answer,
      Answer::kViolated);
  EXPECT_EQ(check("slo:availability=95%", loaded({{0, 10'000, 100, every(10, 2)}})).answer,
            Answer::kViolated);
  EXPECT_EQ(check("slo:availability=95%", loaded({{0, 10'000, 100, every(50, 2)}})).answer,
            Answer::kValid);
}

TEST(Slo, MissesInOneClusterProveLessThanScatteredOnes) {
  // 8 % of them, but one event: too little to say that 95 % is not kept in general.
  const auto cluster = [](std::int64_t n) -> std::int64_t { return n >= 400 && n < 480 ? -1 : 2; };
  const Verdict clustered = check("slo:availability=95%", loaded({{0, 10'000, 100, cluster}}));
  EXPECT_EQ(clustered.answer, Answer::kUnknown);
  EXPECT_NE(clustered.summary.find("1000 operations (worth "), std::string::npos)
      << clustered.summary;
  EXPECT_EQ(check("slo:availability=95%", loaded({{0, 10'000, 100, every(12, 2)}})).answer,
            Answer::kViolated);
}

TEST(Slo, ABoundOfAllSpeaksOfTheSample) {
  EXPECT_EQ(check("slo:availability=100%", loaded({{0, 1'000, 10, all_take(2)}})).answer,
            Answer::kValid);
  EXPECT_EQ(check("slo:availability=100%", loaded({{0, 1'000, 10, every(10, 2)}})).answer,
            Answer::kViolated);
}

TEST(Slo, GoodputPerSecond) {
  const Recording half = run_with([](std::int64_t n) -> std::int64_t { return n % 2 ? 2 : 90; });
  const Verdict verdict = check("slo:latency=20ms,quantile=10%,goodput-rate=80", half);
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_TRUE(
      verdict.summary.starts_with("during cut: goodput was 50/s, the bound is 80/s: 500 "
                                  "of 1000 operations too late or not answered"))
      << verdict.summary;
  EXPECT_EQ(check("slo:latency=20ms,quantile=10%,goodput-rate=30", half).answer, Answer::kValid);
}

TEST(Slo, JudgesThePhasesThatAreNamed) {
  const Recording slow_during = run_with(all_take(250));
  EXPECT_EQ(check("slo:latency=20ms,during=before+recovered", slow_during).answer, Answer::kValid);
  EXPECT_EQ(check("slo:latency=20ms,during=during", slow_during).answer, Answer::kViolated);
  EXPECT_EQ(check("slo:latency=20ms,during=all", slow_during).answer, Answer::kViolated);
  const Verdict none =
      check("slo:latency=20ms,during=during",
            loaded({{0, 20'000, 100, all_take(2)}}, {event("kill", "process.kill", 10'000)}));
  EXPECT_EQ(none.answer, Answer::kUnknown);
  EXPECT_EQ(none.summary, "no operation was scheduled in the phases that are judged");
}

TEST(Slo, AStackThatMissesItsSloUnfaultedIsInvalid) {
  const Verdict verdict =
      check("slo:latency=20ms", loaded({{0, 30'000, 100, all_take(50)}}, {cut()}));
  EXPECT_EQ(verdict.answer, Answer::kUnknown);
  EXPECT_TRUE(verdict.witnesses.empty());
  EXPECT_EQ(verdict.invalid,
            "the stack misses its own SLO without a fault: before: p95 was 50ms, the bound is "
            "20ms: 1000 of 1000 operations too late or not answered");
}

TEST(Slo, TheWarmUpBeforeTheTimelineDoesNotCount) {
  Recording recording =
      loaded({{0, 2'000, 100, every(1, 2)}, {2'000, 30'000, 100, all_take(2)}}, {cut()});
  EXPECT_EQ(check("slo:availability=99%", recording).answer, Answer::kUnknown);
  recording.meta["timeline_start_ns"] = "2000000000";
  EXPECT_EQ(check("slo:availability=99%", recording).answer, Answer::kValid);
}

TEST(Slo, NeverRecoveredIsAViolation) {
  const Verdict verdict =
      check("slo:latency=20ms,during=recovered", run_with(all_take(250), all_take(250)));
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary,
            "after cut (20s) the bounds were never kept again for 3 windows in a row, in 10s of "
            "load; worst in 20–21s: operation 2000 took 250ms");
  EXPECT_EQ(fact(verdict, "time to recover from cut"), "not within 10s");
  EXPECT_EQ(verdict.examined, 1'000U);
}

TEST(Slo, RecoveringTooLateIsAViolation) {
  const auto slow_for_4s = [](std::int64_t n) -> std::int64_t { return n < 400 ? 250 : 2; };
  const Recording recording = run_with(all_take(2), slow_for_4s);
  EXPECT_EQ(check("slo:latency=20ms,recover-within=5s", recording).answer, Answer::kValid);
  const Verdict verdict = check("slo:latency=20ms,recover-within=2s", recording);
  ASSERT_EQ(verdict.answer, Answer::kViolated);
  EXPECT_EQ(verdict.summary,
            "after cut (20s) it took 4s until the bounds were kept again, the bound is 2s; worst "
            "in 22–23s: operation 2200 took 250ms");
  EXPECT_EQ(fact(verdict, "after"),
            "400 operations at 100/s, p50 250ms, p95 250ms (250ms), p99 250ms, availability 100%, "
            "goodput 0% (0/s), effective sample 400");
}

TEST(Slo, ALoadThatEndsTooSoonCannotShowARecovery) {
  const Recording recording =
      loaded({{0, 20'000, 100, all_take(2)}, {20'000, 22'000, 100, all_take(250)}}, {cut()});
  const Verdict verdict = check("slo:latency=20ms,recover-within=4s", recording);
  EXPECT_EQ(verdict.answer, Answer::kUnknown);
  EXPECT_EQ(verdict.summary,
            "after cut (20s) the load went on for 2s, too short to see a recovery; it takes 7s");
}

TEST(Slo, WhetherTheStackNoticed) {
  Recording recording = run_with(all_take(2));
  recording.logs = {{5'000 * test::kMs, "g1", "gateway", "ejected m9"},
                    {11'300 * test::kMs, "g1", "client load", "ejected m1"},
                    {12'500 * test::kMs, "g1", "gateway", "ejected m1"}};
  const Verdict valid =
      check("slo:latency=20ms,detect-pattern=ejected m\\d,detect-within=3s", recording);
  EXPECT_EQ(valid.answer, Answer::kValid) << valid.summary;
  EXPECT_EQ(fact(valid, "time to notice cut"), "2.5s (gateway)");
  EXPECT_EQ(check("slo:latency=20ms,detect-pattern=ejected,detect-within=2s", recording).summary,
            "the stack logged that it noticed cut after 2.5s, the bound is 2s");
  EXPECT_EQ(check("slo:latency=20ms,detect-pattern=drained,detect-within=2s", recording).summary,
            "the stack logged that it noticed cut never, the bound is 2s");
}

TEST(Slo, OnlyTheNamedClientCounts) {
  const Recording recording = loaded({{0, 10'000, 100, all_take(2)}});
  EXPECT_EQ(check("slo:client=load,latency=20ms", recording).answer, Answer::kValid);
  const Verdict verdict = check("slo:client=other,latency=20ms", recording);
  EXPECT_EQ(verdict.answer, Answer::kUnknown);
  EXPECT_EQ(verdict.summary, "no operation was scheduled");
}

TEST(Slo, AnswersStillUnderWayAtTheEndAreNotLate) {
  const auto last_hangs = [](std::int64_t n) { return n == 999 ? kNever : std::int64_t{2}; };
  const Verdict verdict =
      check("slo:latency=1s,goodput=100%", loaded({{0, 10'000, 100, last_hangs}}));
  EXPECT_EQ(verdict.answer, Answer::kValid) << verdict.summary;
  EXPECT_EQ(fact(verdict, "left out, under way at the end"), "1");
  const auto first_hangs = [](std::int64_t n) { return n == 0 ? kNever : std::int64_t{2}; };
  EXPECT_EQ(check("slo:latency=1s,goodput=100%", loaded({{0, 10'000, 100, first_hangs}})).answer,
            Answer::kViolated);
}

TEST(Slo, RefusesWhatItsTableCannotExclude) {
  const auto error = [](const std::string& text) {
    const Result<CheckRequest> request = parse_check("slo" + text);
    return request.ok() ? "no error" : request.error().what;
  };
  EXPECT_EQ(error(""),
            "check 'slo': no bound is given: state 'latency', 'availability', 'goodput' or "
            "'goodput-rate'");
  EXPECT_EQ(error(":latency=1s,during=befor+all"),
            "check 'slo': 'during': there is no phase 'befor'; did you mean 'before'?");
  EXPECT_EQ(error(":latency=1s,window=0s"),
            "check 'slo': 'window' must be more than 0 and at most 1h");
  EXPECT_EQ(error(":latency=1s,windows=0"), "check 'slo': 'windows' must be from 1 to 1000");
  EXPECT_EQ(error(":latency=1s,confidence=100%"),
            "check 'slo': 'confidence' must be from 50% to 99.99%");
  EXPECT_EQ(error(":latency=1s,detect-within=1s"),
            "check 'slo': 'detect-within' needs 'detect-pattern', to know when the stack noticed");
  EXPECT_NE(error(":latency=1s,detect-pattern=("), "no error");
  EXPECT_EQ(error(":latency=1s,during=all"), "no error");
}

}  // namespace
}  // namespace squall
