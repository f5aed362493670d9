// The gateway on loopback, in front of replicas that count.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reference/gateway_fakes.h"

namespace squall::reference {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const ModelConfig kFirst{.epoch = 1, .stable = "1"};

std::string header(const HttpResponse& response, std::string_view name) {
  return std::string(response.headers.get(name));
}

TEST(GatewayServe, AnswersWithWhatItKnowsAboutTheRequest) {
  FakeStack stack(test_options());
  FakeReplica& replica = stack.add_replica("m1");
  stack.publish(kFirst);
  ASSERT_TRUE(stack.becomes("gw_replica_available{replica=\"m1\"}", 1));
  const HttpResponse response =
      stack.infer({{"x-request-id", "r7"},
                   {"x-user-id", "u1"},
                   {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "m1");
  EXPECT_EQ(header(response, "content-type"), "application/json");
  EXPECT_EQ(header(response, "x-request-id"), "r7");
  EXPECT_EQ(header(response, "x-model-version"), "1");
  EXPECT_EQ(header(response, "x-config-epoch"), "1");
  EXPECT_EQ(header(response, "x-cohort"), "stable");
  EXPECT_EQ(header(response, "x-served-by"), "m1");
  EXPECT_EQ(header(response, "x-gateway"), "g1");
  EXPECT_EQ(header(response, "x-attempts"), "1");
  ASSERT_EQ(replica.requests.size(), 1U);
  const HttpRequest& seen = replica.requests[0];
  EXPECT_EQ(seen.target, "/v2/models/ranker/versions/1/infer");
  EXPECT_EQ(seen.body, R"({"id":"7"})");
  EXPECT_EQ(seen.headers.get("x-user-id"), "u1");
  EXPECT_EQ(seen.headers.get("x-request-id"), "r7");
  const auto trace = parse_traceparent(seen.headers.get("traceparent"));
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(trace->trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_NE(trace->span_id, "b7ad6b7169203331");
  EXPECT_TRUE(trace->is_sampled());
  EXPECT_EQ(stack.metric("gw_requests_total{model=\"ranker\",version=\"1\",cohort=\"stable\","
                         "region=\"eu\",code=\"200\"}"),
            1);
}

TEST(GatewayServe, MakesARequestIdWhereThereIsNone) {
  FakeStack stack(test_options());
  FakeReplica& replica = stack.add_replica("m1");
  stack.publish(kFirst);
  const HttpResponse response = stack.infer({});
  EXPECT_EQ(header(response, "x-request-id").substr(0, 3), "g1-");
  EXPECT_EQ(replica.requests.at(0).headers.get("x-request-id"), header(response, "x-request-id"));
}

TEST(GatewayServe, HealthFollowsConfigurationAndReplicas) {
  FakeStack stack(test_options());
  EXPECT_EQ(stack.get("/v2/health/live").status, 200);
  EXPECT_EQ(stack.get("/v2/health/ready").status, 503);
  FakeReplica& replica = stack.add_replica("m1");
  stack.publish(kFirst);
  EXPECT_TRUE(stack.wait_until([&] { return replica.probes_ready > 0; }));
  while (!stack.is_ready()) {
  }
  EXPECT_EQ(stack.get("/v2/models/ranker/ready").body, R"({"name":"ranker","ready":true})");
  EXPECT_EQ(stack.get("/v2/models/ranker/versions/9/ready").status, 503);
  EXPECT_EQ(stack.get("/v2/models/other/ready").status, 404);
  EXPECT_EQ(stack.get("/v2/models/ranker/versions/2").body, "m1 /v2/models/ranker/versions/2");
  EXPECT_EQ(stack.get("/v2").body, R"({"name":"g1","version":"1","extensions":[]})");
  EXPECT_EQ(stack.get("/v2/models/ranker/infer").status, 405);
  EXPECT_EQ(stack.get("/v3").body, R"({"error":"unknown path '/v3'"})");
}

TEST(GatewayServe, UnknownModelsAndMissingVersionsAreSaid) {
  FakeStack stack(test_options());
  (void)stack.add_replica("m1");
  EXPECT_EQ(stack.infer({}).status, 404);
  stack.publish({.epoch = 1, .stable = "9"});
  const HttpResponse response = stack.infer({});
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, R"({"error":"no replica has version 9 of model 'ranker'"})");
  EXPECT_EQ(header(response, "retry-after"), "1");
  EXPECT_EQ(stack.infer({}, "/v2/models/other/infer").status, 404);
}

TEST(GatewayServe, CohortsGetTheirVersionsAndANamedVersionIsPinned) {
  FakeStack stack(test_options());
  (void)stack.add_replica("m1");
  stack.publish({.epoch = 3, .stable = "1", .canary = "2", .canary_percent = 50});
  int canaries = 0;
  for (int user = 0; user < 40; ++user) {
    const std::string name = "u" + std::to_string(user);
    const HttpResponse response = stack.infer({{"x-user-id", name}});
    const bool is_canary = cohort_of("ranker", name, 50) == Cohort::kCanary;
    EXPECT_EQ(header(response, "x-cohort"), is_canary ? "canary" : "stable");
    EXPECT_EQ(header(response, "x-model-version"), is_canary ? "2" : "1");
    canaries += is_canary ? 1 : 0;
  }
  EXPECT_GT(canaries, 0);
  EXPECT_LT(canaries, 40);
  const HttpResponse pinned =
      stack.infer({{"x-user-id", "u0"}}, "/v2/models/ranker/versions/2/infer");
  EXPECT_EQ(header(pinned, "x-cohort"), "pinned");
  EXPECT_EQ(header(pinned, "x-model-version"), "2");
}

TEST(GatewayServe, TheOwnRegionServesUntilItIsGone) {
  FakeStack stack(test_options());
  FakeReplica& near = stack.add_replica("m1", "eu");
  FakeReplica& far = stack.add_replica("m3", "us");
  stack.publish(kFirst);
  ASSERT_TRUE(stack.wait_until([&] { return near.probes_ready > 1 && far.probes_ready > 1; }));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(header(stack.infer({}), "x-served-by"), "m1");
  stack.remove_replica("m1");
  EXPECT_EQ(header(stack.infer({}), "x-served-by"), "m3");
}

TEST(GatewayServe, AReplicaThatSaysNoLosesItsTraffic) {
  FakeStack stack(test_options());
  FakeReplica& first = stack.add_replica("m1");
  (void)stack.add_replica("m2");
  stack.publish(kFirst);
  const std::string available = "gw_replica_available{replica=\"m1\"}";
  ASSERT_TRUE(stack.becomes(available, 1));
  first.is_ready = false;
  ASSERT_TRUE(stack.becomes(available, 0));
  first.requests.clear();
  for (int i = 0; i < 6; ++i) EXPECT_EQ(header(stack.infer({}), "x-served-by"), "m2");
  EXPECT_TRUE(first.requests.empty());
  first.is_ready = true;
  ASSERT_TRUE(stack.becomes(available, 1));
  while (header(stack.infer({}), "x-served-by") != "m1") {
  }
}

// FM-08: the process answers, the engine behind it does not work.
TEST(GatewayServe, HealthByProcessBelievesAReplicaThatDoesNotWork) {
  GatewayOptions options = test_options();
  options.outliers.policy = HealthPolicy::kProcess;
  FakeStack stack(options);
  FakeReplica& replica = stack.add_replica("m1");
  replica.is_ready = false;
  stack.publish(kFirst);
  ASSERT_TRUE(stack.becomes("gw_replica_available{replica=\"m1\"}", 1));
  EXPECT_EQ(replica.probes_ready, 0);
  EXPECT_GT(replica.probes_live, 0);
}

TEST(GatewayServe, ARefusedConnectionIsTriedElsewhere) {
  GatewayOptions options = test_options();
  options.probe_interval = seconds(100);
  options.outliers.failures_in_a_row = 1000;
  FakeStack stack(options);
  FakeReplica& first = stack.add_replica("m1");
  FakeReplica& second = stack.add_replica("m2");
  stack.publish(kFirst);
  ASSERT_TRUE(stack.wait_until([&] { return first.probes_ready > 0 && second.probes_ready > 0; }));
  FakeStack::stop(first);
  int retried = 0;
  for (int i = 0; i < 10; ++i) {
    const HttpResponse response = stack.infer({});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(header(response, "x-served-by"), "m2");
    retried += header(response, "x-attempts") == "2" ? 1 : 0;
  }
  EXPECT_EQ(retried, 5);
  EXPECT_EQ(second.requests.size(), 10U);
}

TEST(GatewayServe, FailuresEjectAReplica) {
  GatewayOptions options = test_options();
  options.probe_interval = seconds(100);
  options.outliers.ejection_min = seconds(100);
  options.outliers.ejection_max = seconds(100);
  FakeStack stack(options);
  FakeReplica& first = stack.add_replica("m1");
  (void)stack.add_replica("m2");
  stack.publish(kFirst);
  first.status = 500;
  for (int i = 0; i < 20; ++i) (void)stack.infer({});
  EXPECT_EQ(first.requests.size(), 3U);
  EXPECT_EQ(stack.metric("gw_ejections_total{replica=\"m1\",reason=\"failures\"}"), 1);
}

TEST(GatewayServe, ABusyReplicasRefusalIsRetriedWithinTheBudget) {
  GatewayOptions options = test_options();
  options.retry_ratio = 0.1;
  options.retries_per_second = 0;
  options.retries.backoff_max = milliseconds(1);
  FakeStack stack(options);
  FakeReplica& first = stack.add_replica("m1");
  first.status = 503;
  stack.publish(kFirst);
  for (int i = 0; i < 20; ++i) {
    const HttpResponse response = stack.infer({});
    EXPECT_EQ(response.status, 503);
  }
  // The share is of the last ten seconds; a slow test run may see fewer requests in them.
  EXPECT_GE(first.requests.size(), 20U);
  EXPECT_LE(first.requests.size(), 22U);
  EXPECT_EQ(stack.metric("gw_retries_denied_total") +
                stack.metric("gw_retries_total{reason=\"unavailable\"}"),
            20);
}

// FM-10: naive retries multiply the load.
TEST(GatewayServe, WithoutABudgetEveryFailureIsTriedAgain) {
  GatewayOptions options = test_options();
  options.retries.has_budget = false;
  options.retries.attempts = 4;
  FakeStack stack(options);
  FakeReplica& first = stack.add_replica("m1");
  first.status = 503;
  stack.publish(kFirst);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(header(stack.infer({}), "x-attempts"), "4");
  EXPECT_EQ(first.requests.size(), 40U);
}

TEST(GatewayServe, TheDeadlineShrinksAndAnExpiredOneIsNotForwarded) {
  FakeStack stack(test_options());
  FakeReplica& replica = stack.add_replica("m1");
  stack.publish(kFirst);
  EXPECT_EQ(stack.infer({{"x-request-deadline-ms", "15000"}}).status, 200);
  const std::string passed(replica.requests.at(0).headers.get("x-request-deadline-ms"));
  EXPECT_GT(std::stoi(passed), 0);
  EXPECT_LT(std::stoi(passed), 15000);
  const HttpResponse late = stack.infer({{"x-request-deadline-ms", "0"}});
  EXPECT_EQ(late.status, 504);
  EXPECT_EQ(late.body, R"({"error":"the request's deadline has passed"})");
  EXPECT_EQ(header(late, "x-attempts"), "0");
  EXPECT_EQ(replica.requests.size(), 1U);
}

TEST(GatewayServe, MoreThanTheLimitInFlightIsRefused) {
  GatewayOptions options = test_options();
  options.in_flight_max = 1;
  FakeStack stack(options);
  FakeReplica& replica = stack.add_replica("m1");
  stack.publish(kFirst);
  replica.is_silent = true;
  int status = 0;
  stack.client.call({"127.0.0.1", stack.gateway().http_port()},
                    {.method = "POST", .target = "/v2/models/ranker/infer"}, kTestLimit,
                    [&](const HttpOutcome& outcome) {
                      status = outcome.answer.ok() ? outcome.answer->status : -1;
                    });
  ASSERT_TRUE(stack.wait_until([&] { return !replica.unanswered.empty(); }));
  const HttpResponse refused = stack.infer({});
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(header(refused, "retry-after"), "1");
  EXPECT_EQ(stack.metric("gw_overload_total"), 1);
  replica.unanswered[0]({.status = 200});
  EXPECT_TRUE(stack.wait_until([&] { return status == 200; }));
}

// FM-15: executed, and the answer was lost.
struct LostAnswer {
  std::size_t replicas = 0;  // that got the request
  int status = 0;
};

LostAnswer lose_answer(bool has_idempotency, std::size_t replicas_wanted) {
  GatewayOptions options = test_options();
  options.retries.has_idempotency = has_idempotency;
  options.timeout = milliseconds(200);
  options.probe_interval = seconds(100);
  FakeStack stack(options);
  FakeReplica& first = stack.add_replica("m1");
  FakeReplica& second = stack.add_replica("m2");
  stack.publish(kFirst);
  first.is_silent = second.is_silent = true;
  const HttpResponse response = stack.infer({{"idempotency-key", "k"}});
  const auto reached = [&]() -> std::size_t {
    return (first.requests.empty() ? 0U : 1U) + (second.requests.empty() ? 0U : 1U);
  };
  EXPECT_TRUE(stack.wait_until([&] { return reached() >= replicas_wanted; }));
  return {reached(), response.status};
}

TEST(GatewayServe, WithoutIdempotencyALostAnswerIsExecutedElsewhereToo) {
  EXPECT_EQ(lose_answer(false, 2).replicas, 2U);
}

// The replica that may have executed it gets it again, with its key, and no other one.
TEST(GatewayServe, WithIdempotencyALostAnswerStaysAtItsReplica) {
  const LostAnswer lost = lose_answer(true, 1);
  EXPECT_EQ(lost.replicas, 1U);
  EXPECT_EQ(lost.status, 504);
}

// The refusal alone would say that nothing has happened.
TEST(GatewayServe, ARefusalAfterALostAnswerIsNotAFailureForSure) {
  GatewayOptions options = test_options();
  options.timeout = milliseconds(200);
  options.probe_interval = seconds(100);
  FakeStack stack(options);
  FakeReplica& replica = stack.add_replica("m1");
  stack.publish(kFirst);
  replica.is_silent = true;
  replica.then_status = 503;
  const HttpResponse response = stack.infer({});
  EXPECT_EQ(response.status, 504);
  EXPECT_EQ(header(response, "x-attempts"), "2");
}

TEST(GatewayServe, ARepeatedKeyIsAnsweredFromMemory) {
  FakeStack stack(test_options());
  FakeReplica& replica = stack.add_replica("m1");
  stack.publish(kFirst);
  const HttpResponse first = stack.infer({{"idempotency-key", "k"}, {"x-request-id", "a"}});
  const HttpResponse again = stack.infer({{"idempotency-key", "k"}, {"x-request-id", "b"}});
  EXPECT_EQ(replica.requests.size(), 1U);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(header(first, "x-idempotent-replay"), "");
  EXPECT_EQ(header(again, "x-idempotent-replay"), "true");
  EXPECT_EQ(header(again, "x-request-id"), "b");
  EXPECT_EQ(stack.infer({{"idempotency-key", "k"}}, "/v2/models/ranker/versions/2/infer").status,
            422);
  EXPECT_EQ(stack.get("/ledger").body,
            R"({"duplicates":{},"executions":1,"keys":1,"missing":[],"replicas":["m1"]})");
}

TEST(GatewayServe, WithoutIdempotencyARepeatedKeyCountsTwice) {
  GatewayOptions options = test_options();
  options.retries.has_idempotency = false;
  FakeStack stack(options);
  (void)stack.add_replica("m1");
  stack.publish(kFirst);
  EXPECT_EQ(header(stack.infer({{"idempotency-key", "k"}}), "x-executions"), "1");
  FakeReplica& second = stack.add_replica("m2");
  stack.publish(kFirst);
  // Until round robin has come to both.
  while (second.requests.empty()) (void)stack.infer({{"idempotency-key", "k"}});
  EXPECT_THAT(stack.get("/ledger").body, testing::HasSubstr(R"("keys":1,"missing":[])"));
  EXPECT_THAT(stack.get("/ledger").body, testing::HasSubstr(R"("duplicates":{"k":)"));
  FakeStack::stop(second);
  EXPECT_THAT(stack.get("/ledger").body, testing::HasSubstr(R"("missing":["m2"])"));
}

// FM-47: two gateways, one of them half a minute ahead.
TEST(GatewayServe, AClockThatIsAheadSwitchesEarlyByWallClockAndNotByRevision) {
  for (const Activation how : {Activation::kWallClock, Activation::kRevision}) {
    GatewayOptions options = test_options();
    options.activation = how;
    FakeStack right(options);
    FakeStack ahead(options);
    ahead.clock.shift = seconds(3600);
    const WallTime in_half_an_hour = system_clock().wall() + seconds(1800);
    std::vector<std::string> versions;
    for (FakeStack* stack : {&right, &ahead}) {
      (void)stack->add_replica("m1");
      stack->publish(kFirst);
      stack->publish({.epoch = 2, .stable = "2", .activate = in_half_an_hour});
      versions.push_back(header(stack->infer({}), "x-model-version"));
    }
    const bool is_wall = how == Activation::kWallClock;
    EXPECT_EQ(versions, (std::vector<std::string>{is_wall ? "1" : "2", "2"}));
  }
}

TEST(GatewayServe, ABadValueInTheRegistryLeavesTheLastGoodOne) {
  FakeStack stack(test_options());
  (void)stack.add_replica("m1");
  stack.publish(kFirst);
  stack.publish({.epoch = 2, .stable = ""});
  EXPECT_EQ(header(stack.infer({}), "x-config-epoch"), "1");
  stack.publish({.epoch = 2, .stable = "2"});
  stack.publish({.epoch = 1, .stable = "1"});
  EXPECT_EQ(header(stack.infer({}), "x-config-epoch"), "2");
}

TEST(GatewayServe, DrainsBeforeItEnds) {
  FakeStack stack(test_options());
  FakeReplica& replica = stack.add_replica("m1");
  stack.publish(kFirst);
  replica.is_silent = true;
  int status = 0;
  bool is_drained = false;
  stack.client.call({"127.0.0.1", stack.gateway().http_port()},
                    {.method = "POST", .target = "/v2/models/ranker/infer"}, kTestLimit,
                    [&](const HttpOutcome& outcome) {
                      status = outcome.answer.ok() ? outcome.answer->status : -1;
                    });
  ASSERT_TRUE(stack.wait_until([&] { return !replica.unanswered.empty(); }));
  stack.gateway().drain([&] { is_drained = true; });
  EXPECT_EQ(is_drained, false);
  replica.unanswered[0]({.status = 200});
  EXPECT_TRUE(stack.wait_until([&] { return is_drained; }));
  EXPECT_TRUE(stack.wait_until([&] { return status == 200; }));
}

}  // namespace
}  // namespace squall::reference
