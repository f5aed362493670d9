// The gateway's decisions, without clocks and sockets.
#include <gtest/gtest.h>

#include "reference/base/answer_memory.h"
#include "reference/gateway/activation_core.h"
#include "reference/gateway/balance_core.h"
#include "reference/gateway/cohort_core.h"
#include "reference/gateway/forwarding.h"
#include "reference/gateway/log_limit.h"
#include "reference/gateway/outlier_core.h"
#include "reference/gateway/retry_core.h"
#include "reference/gateway/route.h"

namespace squall::reference {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

MonoTime at(Duration since) {
  return {seconds(1000) + since};
}
WallTime wall(std::int64_t second) {
  return {seconds(second)};
}

// --- cohorts ---

TEST(Cohort, ACallerWithoutANameIsNeverACanary) {
  EXPECT_EQ(cohort_of("ranker", "", 100), Cohort::kStable);
  EXPECT_EQ(cohort_of("ranker", "u1", 100), Cohort::kCanary);
  EXPECT_EQ(cohort_of("ranker", "u1", 0), Cohort::kStable);
}

TEST(Cohort, BucketsStayAsTheyAre) {
  // Written down: a change would move every user of every deployment.
  EXPECT_EQ(bucket_of("ranker", "user-1"), 2664U);
  EXPECT_EQ(bucket_of("ranker", "u7"), 8199U);
  EXPECT_EQ(bucket_of("other", "user-1"), 1163U);
  EXPECT_NE(bucket_of("ab", "c"), bucket_of("a", "bc"));
}

TEST(Cohort, TenPercentOfAHundredThousandUsersAreTenPercent) {
  int canaries = 0;
  for (int user = 0; user < 100'000; ++user) {
    if (cohort_of("ranker", "u" + std::to_string(user), 10) == Cohort::kCanary) ++canaries;
  }
  // Five standard deviations of a binomial are 474.
  EXPECT_NEAR(canaries, 10'000, 474);
}

// --- activation ---

ModelConfig config(std::int64_t epoch, WallTime activate = {}) {
  return {.epoch = epoch, .stable = std::to_string(epoch), .activate = activate};
}

TEST(Activation, ByRevisionSwitchesWhateverTheClockSays) {
  ActivationCore core(Activation::kRevision);
  EXPECT_EQ(core.offer(config(1, wall(5000))), ActivationCore::Offer::kTaken);
  EXPECT_EQ(core.advance(wall(1)), config(1, wall(5000)));
  EXPECT_EQ(core.advance(wall(1)), std::nullopt);
  EXPECT_EQ(core.active()->epoch, 1);
  EXPECT_EQ(core.waits_for(), std::nullopt);
}

TEST(Activation, ByWallClockWaitsForItsTime) {
  ActivationCore core(Activation::kWallClock);
  (void)core.offer(config(1));
  (void)core.advance(wall(10));
  (void)core.offer(config(2, wall(20)));
  EXPECT_EQ(core.waits_for(), wall(20));
  EXPECT_EQ(core.advance(wall(19)), std::nullopt);
  EXPECT_EQ(core.active()->epoch, 1);
  EXPECT_EQ(core.advance(wall(20)), config(2, wall(20)));
  // The clock goes back: what is active stays.
  EXPECT_EQ(core.advance(wall(5)), std::nullopt);
  EXPECT_EQ(core.active()->epoch, 2);
}

TEST(Activation, AClockThatIsAheadSwitchesEarly) {
  ActivationCore right(Activation::kWallClock);
  ActivationCore ahead(Activation::kWallClock);
  for (ActivationCore* core : {&right, &ahead}) {
    (void)core->offer(config(1));
    (void)core->advance(wall(100));
    (void)core->offer(config(2, wall(110)));
  }
  EXPECT_FALSE(right.advance(wall(105)));
  EXPECT_TRUE(ahead.advance(wall(105 + 30)));
}

TEST(Activation, AnOldEpochIsRefusedAndAKnownOneIsNoNews) {
  ActivationCore core(Activation::kRevision);
  (void)core.offer(config(5));
  EXPECT_EQ(core.offer(config(4)), ActivationCore::Offer::kOld);
  EXPECT_EQ(core.offer(config(5)), ActivationCore::Offer::kKnown);
  EXPECT_EQ(core.advance(wall(1)), config(5));
}

TEST(Activation, OfSeveralThatAreDueTheNewestBecomesActive) {
  ActivationCore core(Activation::kWallClock);
  (void)core.offer(config(1));
  (void)core.advance(wall(1));
  (void)core.offer(config(2, wall(10)));
  (void)core.offer(config(3, wall(11)));
  (void)core.offer(config(4, wall(90)));
  EXPECT_EQ(core.advance(wall(12)), config(3, wall(11)));
  EXPECT_EQ(core.advance(wall(12)), std::nullopt);
  EXPECT_EQ(core.advance(wall(90)), config(4, wall(90)));
}

TEST(Activation, AGatewayThatKnowsNothingElseDoesNotWait) {
  ActivationCore core(Activation::kWallClock);
  (void)core.offer(config(7, wall(500)));
  EXPECT_EQ(core.advance(wall(1)), config(7, wall(500)));
}

// --- balance ---

TEST(Balance, TheOwnRegionComesFirst) {
  Rng rng(1);
  const std::vector<Candidate> candidates = {{.index = 0, .is_available = true},
                                             {.index = 1, .is_local = true, .is_available = true},
                                             {.index = 2, .is_local = true, .is_available = false}};
  for (std::uint64_t turn = 0; turn < 9; ++turn) {
    EXPECT_EQ(choose(candidates, Balance::kRoundRobin, turn, rng), (Choice{1, false}));
  }
}

TEST(Balance, ARetryGoesToAnotherRegionBeforeItGoesToTheSameReplica) {
  Rng rng(1);
  const std::vector<Candidate> candidates = {
      {.index = 0, .is_local = true, .is_available = true, .was_tried = true},
      {.index = 1, .is_available = true}};
  EXPECT_EQ(choose(candidates, Balance::kTwoChoices, 0, rng), (Choice{1, false}));
}

TEST(Balance, WithNobodyAvailableAllAreUsed) {
  Rng rng(1);
  const std::vector<Candidate> candidates = {{.index = 0, .was_tried = true}, {.index = 1}};
  EXPECT_EQ(choose(candidates, Balance::kRoundRobin, 0, rng), (Choice{1, true}));
  EXPECT_EQ(choose({}, Balance::kRoundRobin, 0, rng), std::nullopt);
}

TEST(Balance, OfTwoChoicesTheOneWithLessToDo) {
  Rng rng(1);
  const std::vector<Candidate> candidates = {{.index = 0, .outstanding = 9, .is_available = true},
                                             {.index = 1, .outstanding = 2, .is_available = true}};
  for (std::uint64_t turn = 0; turn < 20; ++turn) {
    EXPECT_EQ(choose(candidates, Balance::kTwoChoices, turn, rng)->index, 1U);
  }
}

// --- outliers ---

class Outliers : public testing::Test {
 protected:
  void set_up(OutlierRules rules, const std::vector<std::string>& names) {
    core_ = OutlierCore(rules);
    for (const std::string& name : names) {
      core_.add(name, "eu");
      core_.on_probe(name, ProbeAnswer::kGood);
    }
    (void)core_.take_events();
    core_.on_tick(at(Duration(0)));
  }
  void requests(const std::string& name, int count, RequestEnd end, Duration latency,
                Duration when) {
    for (int i = 0; i < count; ++i) core_.on_request(name, end, latency, at(when));
  }
  // "replica-ejected m1 failures 1s"
  std::vector<std::string> told() {
    std::vector<std::string> lines;
    for (const OutlierEvent& event : core_.take_events()) {
      std::string line(to_text(event.kind));
      line += " " + event.replica + " " + event.why;
      if (event.length.count() > 0) line += " " + squall::to_text(event.length);
      lines.push_back(line);
    }
    return lines;
  }
  using Lines = std::vector<std::string>;
  OutlierCore core_{OutlierRules{}};
};

TEST_F(Outliers, ANewReplicaIsAvailableAfterItsFirstGoodProbe) {
  core_.add("m1", "eu");
  EXPECT_FALSE(core_.is_available("m1"));
  core_.on_probe("m1", ProbeAnswer::kGood);
  EXPECT_TRUE(core_.is_available("m1"));
  EXPECT_EQ(told(), (Lines{"replica-available m1 probe"}));
}

TEST_F(Outliers, ANoIsBelievedAtOnceAndSilenceTheSecondTime) {
  set_up({}, {"m1", "m2"});
  core_.on_probe("m1", ProbeAnswer::kBad);
  EXPECT_FALSE(core_.is_available("m1"));
  core_.on_probe("m2", ProbeAnswer::kNone);
  EXPECT_TRUE(core_.is_available("m2"));
  core_.on_probe("m2", ProbeAnswer::kNone);
  EXPECT_FALSE(core_.is_available("m2"));
}

TEST_F(Outliers, FailuresInARowEjectAndTheTimeDoubles) {
  set_up({}, {"m1", "m2"});
  requests("m1", 2, RequestEnd::kFailure, milliseconds(1), milliseconds(0));
  requests("m1", 1, RequestEnd::kGood, milliseconds(1), milliseconds(0));
  requests("m1", 2, RequestEnd::kFailure, milliseconds(1), milliseconds(0));
  EXPECT_EQ(told(), Lines{});
  requests("m1", 1, RequestEnd::kFailure, milliseconds(1), milliseconds(0));
  EXPECT_EQ(told(), (Lines{"replica-ejected m1 failures 1s"}));
  EXPECT_FALSE(core_.is_available("m1"));
  core_.on_tick(at(milliseconds(999)));
  EXPECT_FALSE(core_.is_available("m1"));
  core_.on_tick(at(seconds(1)));
  EXPECT_TRUE(core_.is_available("m1"));
  requests("m1", 3, RequestEnd::kFailure, milliseconds(1), seconds(1));
  EXPECT_EQ(told(), (Lines{"replica-returned m1 ", "replica-ejected m1 failures 2s"}));
}

TEST_F(Outliers, TheTimeIsBoundedAndForgiven) {
  set_up({}, {"m1", "m2"});
  Duration when{0};
  std::string last;
  for (int i = 0; i < 6; ++i) {
    requests("m1", 3, RequestEnd::kFailure, milliseconds(1), when);
    last = told().back();
    when += seconds(11);
    core_.on_tick(at(when));
    (void)told();
  }
  EXPECT_EQ(last, "replica-ejected m1 failures 10s");
  requests("m1", 3, RequestEnd::kFailure, milliseconds(1), when + seconds(60));
  EXPECT_EQ(told(), (Lines{"replica-ejected m1 failures 1s"}));
}

TEST_F(Outliers, HalfAtMostAreEjectedAndOneAlways) {
  set_up({}, {"m1", "m2", "m3"});
  requests("m1", 3, RequestEnd::kFailure, milliseconds(1), milliseconds(0));
  requests("m2", 3, RequestEnd::kFailure, milliseconds(1), milliseconds(0));
  EXPECT_EQ(told(), (Lines{"replica-ejected m1 failures 1s", "replica-spared m2 failures"}));
  set_up({}, {"m1"});
  requests("m1", 3, RequestEnd::kFailure, milliseconds(1), milliseconds(0));
  EXPECT_EQ(told(), (Lines{"replica-ejected m1 failures 1s"}));
}

TEST_F(Outliers, ABusyReplicaIsNotEjected) {
  set_up({}, {"m1", "m2"});
  requests("m1", 100, RequestEnd::kRefusal, milliseconds(1), milliseconds(0));
  EXPECT_EQ(told(), Lines{});
}

TEST_F(Outliers, OneThatIsMuchSlowerThanItsPeersIsEjected) {
  set_up({}, {"m1", "m2", "m3"});
  requests("m1", 20, RequestEnd::kGood, milliseconds(2), milliseconds(500));
  requests("m2", 20, RequestEnd::kGood, milliseconds(3), milliseconds(500));
  requests("m3", 20, RequestEnd::kGood, milliseconds(40), milliseconds(500));
  core_.on_tick(at(milliseconds(999)));
  EXPECT_EQ(told(), Lines{});
  core_.on_tick(at(seconds(1)));
  EXPECT_EQ(told(), (Lines{"replica-ejected m3 slow 1s"}));
}

TEST_F(Outliers, SlowIsNotJudgedFromAFewRequestsNorAcrossRegions) {
  set_up({}, {"m1", "m2"});
  core_.add("far", "us");
  core_.on_probe("far", ProbeAnswer::kGood);
  (void)told();
  requests("m1", 20, RequestEnd::kGood, milliseconds(2), milliseconds(500));
  requests("m2", 9, RequestEnd::kGood, milliseconds(90), milliseconds(500));
  requests("far", 20, RequestEnd::kGood, milliseconds(90), milliseconds(500));
  core_.on_tick(at(seconds(1)));
  EXPECT_EQ(told(), Lines{});
}

TEST_F(Outliers, ThreeTimesAsSlowButAFewMillisecondsIsFine) {
  set_up({}, {"m1", "m2"});
  requests("m1", 20, RequestEnd::kGood, milliseconds(1), milliseconds(500));
  requests("m2", 20, RequestEnd::kGood, milliseconds(5), milliseconds(500));
  core_.on_tick(at(seconds(1)));
  EXPECT_EQ(told(), Lines{});
}

TEST_F(Outliers, TheSwitchesSwitchOff) {
  set_up({.ejects_slow = false}, {"m1", "m2"});
  requests("m1", 20, RequestEnd::kGood, milliseconds(1), milliseconds(500));
  requests("m2", 20, RequestEnd::kGood, milliseconds(90), milliseconds(500));
  core_.on_tick(at(seconds(1)));
  EXPECT_EQ(told(), Lines{});
  set_up({.policy = HealthPolicy::kProcess}, {"m1", "m2"});
  requests("m1", 50, RequestEnd::kFailure, milliseconds(500), milliseconds(0));
  EXPECT_EQ(told(), Lines{});
}

// --- retries ---

TEST(Retry, WhatNobodyTookMayGoAnywhere) {
  const RetryRules rules{.attempts = 3};
  for (const bool has_key : {false, true}) {
    EXPECT_EQ(retry_where(rules, AttemptEnd::kNotSent, 1, has_key), RetryWhere::kElsewhere);
    EXPECT_EQ(retry_where(rules, AttemptEnd::kUnavailable, 2, has_key), RetryWhere::kElsewhere);
    EXPECT_EQ(retry_where(rules, AttemptEnd::kUnavailable, 3, has_key), RetryWhere::kNowhere);
    EXPECT_EQ(retry_where(rules, AttemptEnd::kAnswered, 1, has_key), RetryWhere::kNowhere);
  }
}

TEST(Retry, WhatMayHaveHappenedStaysWhereItMayHaveHappened) {
  const RetryRules on{.attempts = 2, .has_idempotency = true};
  const RetryRules off{.attempts = 2, .has_idempotency = false};
  for (const AttemptEnd end : {AttemptEnd::kTimedOut, AttemptEnd::kBroken}) {
    EXPECT_EQ(retry_where(on, end, 1, true), RetryWhere::kSameReplica);
    EXPECT_EQ(retry_where(on, end, 1, false), RetryWhere::kElsewhere);
    EXPECT_EQ(retry_where(off, end, 1, true), RetryWhere::kElsewhere);
  }
}

TEST(Retry, TheBudgetIsAShareOfTheLastTenSeconds) {
  RetryBudget budget(0.2, 0);
  for (int i = 0; i < 100; ++i) budget.on_request(at(Duration(0)));
  int retries = 0;
  while (budget.try_retry(at(seconds(1)))) ++retries;
  EXPECT_EQ(retries, 20);
  EXPECT_FALSE(budget.try_retry(at(seconds(9))));
  // The requests are forgotten before the retries, which came later.
  for (int i = 0; i < 10; ++i) budget.on_request(at(seconds(10)));
  EXPECT_FALSE(budget.try_retry(at(seconds(10))));
  EXPECT_TRUE(budget.try_retry(at(seconds(11))));
}

TEST(Retry, AGatewayWithLittleTrafficMayRetryAFewTimes) {
  RetryBudget budget(0.1, 1);
  int retries = 0;
  while (budget.try_retry(at(Duration(0)))) ++retries;
  EXPECT_EQ(retries, 10);
}

// --- routes ---

TEST(Routes, AreTheProtocols) {
  const auto kind = [](std::string_view method, std::string_view target) {
    return route_of(method, target).kind;
  };
  EXPECT_EQ(kind("GET", "/v2"), RouteKind::kServerMetadata);
  EXPECT_EQ(kind("GET", "/v2/"), RouteKind::kServerMetadata);
  EXPECT_EQ(kind("GET", "/v2/health/live"), RouteKind::kServerLive);
  EXPECT_EQ(kind("GET", "/v2/health/ready?x=1"), RouteKind::kServerReady);
  EXPECT_EQ(route_of("GET", "/v2/models/a%2fb"),
            (Route{.kind = RouteKind::kModelMetadata, .model = "a/b"}));
  EXPECT_EQ(route_of("GET", "/v2/models/m/versions/3/ready"),
            (Route{.kind = RouteKind::kModelReady, .model = "m", .version = "3"}));
  EXPECT_EQ(route_of("POST", "/v2/models/m/infer"),
            (Route{.kind = RouteKind::kInfer, .model = "m"}));
  EXPECT_EQ(route_of("POST", "/v2/models/m/versions/1/infer"),
            (Route{.kind = RouteKind::kInfer, .model = "m", .version = "1"}));
  EXPECT_EQ(route_of("GET", "/v2/models/m/infer"),
            (Route{.kind = RouteKind::kWrongMethod, .allow = "POST"}));
  for (const char* path : {"/", "/v1", "/v2/models", "/v2/models/m/x", "/v2/health",
                           "/v2/models/m/versions/1/2/infer", "/v2/models/%zz/infer"}) {
    EXPECT_EQ(kind("POST", path), RouteKind::kUnknown) << path;
  }
}

TEST(Forwarding, NamesAreEncodedAndConnectionsKeepTheirHeaders) {
  EXPECT_EQ(infer_target("a/b c", "1\r\n"), "/v2/models/a%2Fb%20c/versions/1%0D%0A/infer");
  Headers request;
  for (const char* name : {"Content-Type", "Connection", "x-user-id", "Host", "tracestate"}) {
    request.add(name, "v");
  }
  EXPECT_EQ(passed_on(request).all().size(), 3U);
  HttpResponse answer{.status = 200, .is_last = true};
  for (const char* name : {"Transfer-Encoding", "Content-Type", "X-Thing", "Date", "Server"}) {
    answer.headers.add(name, "v");
  }
  const HttpResponse back = passed_back(answer);
  EXPECT_EQ(back.headers.all().size(), 2U);
  EXPECT_FALSE(back.is_last);
}

// --- answers by key ---

TEST(AnswerMemory, TheSecondOneGetsTheFirstOnesAnswer) {
  AnswerMemory memory;
  std::vector<std::string> got;
  const auto note = [&](const HttpResponse& answer) { got.push_back(answer.body); };
  EXPECT_EQ(memory.claim("k", 1, at(Duration(0)), note), AnswerMemory::Claim::kFirst);
  EXPECT_EQ(memory.claim("k", 1, at(Duration(0)), note), AnswerMemory::Claim::kJoined);
  EXPECT_EQ(got.size(), 0U);
  memory.settle("k", {.body = "a"}, at(seconds(1)));
  EXPECT_EQ(got, std::vector<std::string>{"a"});
  EXPECT_EQ(memory.claim("k", 1, at(seconds(10)), note), AnswerMemory::Claim::kAnswered);
  EXPECT_EQ(got, (std::vector<std::string>{"a", "a"}));
  EXPECT_EQ(memory.claim("k", 2, at(seconds(10)), note), AnswerMemory::Claim::kMisused);
  EXPECT_EQ(memory.claim("k", 2, at(seconds(11)), note), AnswerMemory::Claim::kFirst);
}

TEST(AnswerMemory, AFailureIsNotRememberedButItsPlaceIs) {
  AnswerMemory memory;
  const auto ignore = [](const HttpResponse&) {};
  (void)memory.claim("k", 1, at(Duration(0)), ignore);
  memory.release("k", {.status = 504}, "m1", at(Duration(0)));
  EXPECT_EQ(memory.replica_of("k"), "m1");
  EXPECT_EQ(memory.claim("k", 1, at(seconds(1)), ignore), AnswerMemory::Claim::kFirst);
  memory.release("k", {.status = 503}, "", at(seconds(9)));
  EXPECT_EQ(memory.replica_of("k"), "m1");
  // Ten seconds after the last failure, not after the first.
  (void)memory.claim("other", 1, at(seconds(11)), ignore);
  EXPECT_EQ(memory.replica_of("k"), "m1");
  (void)memory.claim("other", 1, at(seconds(19)), ignore);
  EXPECT_EQ(memory.replica_of("k"), "");
}

TEST(Ledger, CountsExecutionsByKey) {
  Ledger ledger;
  EXPECT_EQ(ledger.count("a"), 1U);
  EXPECT_EQ(ledger.count("b\""), 1U);
  EXPECT_EQ(ledger.count("b\""), 2U);
  EXPECT_EQ(ledger.to_json(), R"({"counts":{"a":1,"b\"":2}})");
}

TEST(Ledger, ForgetsTheOldest) {
  Ledger ledger;
  for (std::size_t key = 0; key <= Ledger::kMaxKeys; ++key) {
    (void)ledger.count(std::to_string(key));
  }
  EXPECT_EQ(ledger.count("0"), 1U);
  EXPECT_EQ(ledger.count(std::to_string(Ledger::kMaxKeys)), 2U);
}

TEST(LogLimit, LetsTwentyLinesASecondThrough) {
  LogLimit limit;
  int allowed = 0;
  for (int i = 0; i < 100; ++i) allowed += limit.allows(at(Duration(0))) ? 1 : 0;
  EXPECT_EQ(allowed, LogLimit::kLinesPerSecond);
  EXPECT_TRUE(limit.allows(at(seconds(1))));
  EXPECT_EQ(limit.take_suppressed(), 80);
  EXPECT_EQ(limit.take_suppressed(), 0);
}

}  // namespace
}  // namespace squall::reference
