// The client `inference` over HTTP against a server that does what the test says.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "history/inference_call.h"
#include "tests/workload/http_stub.h"
#include "tests/workload/loop_run.h"

namespace squall {
namespace {

using nlohmann::json;
using testing_workload::Gate;
using testing_workload::http_reply;
using testing_workload::HttpStub;
using testing_workload::LoopRun;
using testing_workload::StubReply;
using testing_workload::StubRequest;

// What the protocol asks for: id and nonce as they came.
StubReply good_reply(const StubRequest& request, const std::string& fields = "") {
  const json asked = json::parse(request.body);
  const json nonce = asked.at("inputs").at(0).at("data").at(0);
  const json reply = {{"model_name", "ranker"},
                      {"model_version", "1"},
                      {"id", asked.at("id")},
                      {"outputs",
                       {{{"name", "scores"},
                         {"shape", {1, 5}},
                         {"datatype", "FP32"},
                         {"data", {nonce, 0.5, 0.25, 0.125, 1}}}}}};
  return http_reply(200, reply.dump(), fields);
}

std::map<std::string, std::string> params(const HttpStub& stub,
                                          const std::map<std::string, std::string>& more = {}) {
  std::map<std::string, std::string> all = {
      {"port", stub.port()}, {"rate", "500"}, {"arrival", "constant"}, {"timeout", "20s"}};
  for (const auto& [name, value] : more) all[name] = value;
  return all;
}

// More than can be due while a busy machine lets the server wait.
constexpr std::int64_t kPlenty = 1000;

std::vector<InferenceCall> calls(const History& history) {
  std::vector<InferenceCall> all;
  for (OpIndex op = 0; op < history.size(); ++op) {
    const std::optional<InferenceCall> call = inference_call(history, op);
    if (call) all.push_back(*call);
  }
  return all;
}

TEST(InferenceClient, RecordsWhatItAskedAndWhatCameBack) {
  HttpStub stub([](const StubRequest& request) {
    return good_reply(request,
                      "X-Config-Epoch: 4\r\nX-Cohort: stable\r\nX-Gateway: g1\r\n"
                      "X-Served-By: m2\r\nX-Attempts: 2\r\n");
  });
  LoopRun run(params(stub), {"127.0.0.1"}, kPlenty);
  ASSERT_TRUE(run.finish_after(200));
  EXPECT_EQ(run.error(), "");
  const std::vector<InferenceCall> all = calls(run.history());
  ASSERT_EQ(all.size(), run.history().size());
  EXPECT_EQ(run.outcomes().size(), 1U);
  std::set<std::string> ids;
  std::set<std::int64_t> nonces;
  for (const InferenceCall& call : all) {
    ids.insert(call.request.id);
    nonces.insert(call.request.nonce);
    ASSERT_TRUE(call.reply);
    EXPECT_EQ(call.reply->id, call.request.id);
    EXPECT_EQ(call.reply->nonce, call.request.nonce);
    EXPECT_EQ(call.reply->version, "1");
    EXPECT_EQ(call.reply->epoch, 4);
    EXPECT_EQ(call.reply->cohort, "stable");
    EXPECT_EQ(call.reply->gateway, "g1");
    EXPECT_EQ(call.reply->replica, "m2");
    EXPECT_EQ(call.reply->attempts, 2);
    EXPECT_EQ(call.reply->outputs,
              (std::vector<std::int64_t>{500'000, 250'000, 125'000, 1'000'000}));
  }
  EXPECT_EQ(ids.size(), all.size());
  EXPECT_EQ(nonces.size(), all.size());
  const Operation first = run.history().at(0);
  EXPECT_GT(first.first_byte, first.sent);
  EXPECT_LE(first.first_byte, first.completed);
}

TEST(InferenceClient, KeepsItsConnection) {
  HttpStub stub([](const StubRequest& request) { return good_reply(request); });
  LoopRun run(params(stub), {"127.0.0.1"}, 1);
  ASSERT_TRUE(run.run_until([&] {
    const auto outcomes = run.outcomes();
    return outcomes.count("ok") != 0 && outcomes.at("ok") >= 20;
  }));
  run.end(ClientCommand::kFinish);
  EXPECT_EQ(stub.connections(), 1);
}

TEST(InferenceClient, SendsItsFieldsAndTheKeyIfAskedTo) {
  std::mutex mutex;
  std::map<std::string, std::string> heads;  // by id
  HttpStub stub([&](const StubRequest& request) {
    const std::scoped_lock lock(mutex);
    heads[json::parse(request.body).at("id").get<std::string>()] = request.head;
    return good_reply(request);
  });
  LoopRun run(params(stub, {{"idempotency-key", "true"}, {"timeout", "1500ms"}, {"version", "2"}}),
              {"127.0.0.1"}, kPlenty);
  ASSERT_TRUE(run.finish_after(3));
  const InferenceCall call = calls(run.history()).at(0);
  const std::scoped_lock lock(mutex);
  const std::string& head = heads.at(call.request.id);
  EXPECT_TRUE(head.starts_with("POST /v2/models/ranker/versions/2/infer HTTP/1.1\r\n")) << head;
  for (const std::string& field :
       {"x-user-id: " + call.request.user, "x-request-id: " + call.request.id,
        "idempotency-key: " + call.request.id, std::string("x-request-deadline-ms: 1500"),
        std::string("traceparent: 00-"), std::string("Content-Type: application/json")}) {
    EXPECT_NE(head.find("\r\n" + field), std::string::npos) << field << "\n" << head;
  }
}

// One row of the error table each.
std::map<std::string, int> outcomes_of(std::function<StubReply(const StubRequest&)> handler) {
  HttpStub stub(std::move(handler));
  LoopRun run(params(stub), {"127.0.0.1"}, kPlenty);
  EXPECT_TRUE(run.finish_after(5));
  return run.outcomes();
}

TEST(InferenceErrors, AnAnswerThatIsAnErrorIsFail) {
  const auto seen = outcomes_of(
      [](const StubRequest&) { return http_reply(503, R"({"error":"the queue is full"})"); });
  EXPECT_GE(seen.at("fail: HTTP 503: the queue is full"), 5);
  EXPECT_EQ(seen.size(), 1U);
}

TEST(InferenceErrors, AConnectionThatEndsWithoutAnAnswerIsInfo) {
  const auto seen = outcomes_of([](const StubRequest&) { return StubReply{.then_close = true}; });
  EXPECT_GE(seen.at("info: the server closed the connection"), 5);
  EXPECT_EQ(seen.size(), 1U);
}

TEST(InferenceErrors, AHalfAnswerIsInfo) {
  const auto seen = outcomes_of([](const StubRequest&) {
    return StubReply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\"",
                     .then_close = true};
  });
  EXPECT_GE(seen.at("info: the server closed the connection"), 5);
  EXPECT_EQ(seen.size(), 1U);
}

TEST(InferenceErrors, AResetIsInfo) {
  const auto seen = outcomes_of([](const StubRequest&) { return StubReply{.then_reset = true}; });
  EXPECT_GE(seen.at("info: receive: Connection reset by peer"), 5);
  EXPECT_EQ(seen.size(), 1U);
}

TEST(InferenceErrors, WhatIsNotHttpIsInfo) {
  const auto seen = outcomes_of([](const StubRequest&) {
    return StubReply{.bytes = "SSH-2.0-x\r\n\r\n", .then_close = true};
  });
  EXPECT_GE(seen.at("info: not an HTTP answer: bad version"), 5);
  EXPECT_EQ(seen.size(), 1U);
}

TEST(InferenceErrors, AnAnswerThatIsNotTheProtocolsIsInfo) {
  const auto seen = outcomes_of([](const StubRequest&) { return http_reply(200, "<html>"); });
  EXPECT_GE(seen.at("info: reply: not a JSON object"), 5);
  EXPECT_EQ(seen.size(), 1U);
}

TEST(InferenceErrors, ARefusedConnectionIsFailSinceNothingWasSent) {
  std::map<std::string, std::string> closed = {{"rate", "500"}, {"timeout", "20s"}};
  {
    const HttpStub stub([](const StubRequest& request) { return good_reply(request); });
    closed["port"] = stub.port();
  }
  LoopRun run(closed, {"127.0.0.1"}, kPlenty);
  ASSERT_TRUE(run.finish_after(5));
  EXPECT_GE(
      run.outcomes().at("fail: 127.0.0.1:" + closed["port"] + ": connect: Connection refused"), 5);
  EXPECT_EQ(run.outcomes().size(), 1U);
}

TEST(InferenceErrors, ADeadlineThatPassesIsInfoAndItsSlotGoesOn) {
  Gate gate;
  HttpStub stub([&](const StubRequest& request) {
    if (request.number <= 2) gate.wait();
    return good_reply(request);
  });
  LoopRun run(params(stub, {{"timeout", "50ms"}}), {"127.0.0.1"}, 2);
  // Two slots, both stalled: nothing can be ok before one has timed out.
  ASSERT_TRUE(run.run_until([&] {
    const auto outcomes = run.outcomes();
    const auto late = outcomes.find("info: receive: timed out");
    return outcomes.count("ok") != 0 && late != outcomes.end() && late->second >= 2;
  }));
  gate.open();
  run.end(ClientCommand::kFinish);
  EXPECT_GE(run.outcomes().at("fail: not sent: 2 requests are in flight"), 1);
}

TEST(InferenceClient, PassesOverAServerThatCannotBeReached) {
  HttpStub stub([](const StubRequest& request) { return good_reply(request); }, "127.0.0.2");
  LoopRun run(params(stub), {"127.0.0.1", "127.0.0.2"}, kPlenty);
  ASSERT_TRUE(run.finish_after(20));
  EXPECT_GE(run.outcomes().at("ok"), 20);
  EXPECT_EQ(run.outcomes().size(), 1U);
}

TEST(InferenceClient, NeverSendsARequestTwice) {
  std::mutex mutex;
  std::map<std::string, int> times_seen;
  HttpStub stub([&](const StubRequest& request) {
    const std::scoped_lock lock(mutex);
    ++times_seen[json::parse(request.body).at("id").get<std::string>()];
    // Every third ends its connection; requests after it find connections that are gone.
    return request.number % 3 == 0 ? StubReply{.then_close = true} : good_reply(request);
  });
  LoopRun run(params(stub), {"127.0.0.1"}, kPlenty);
  ASSERT_TRUE(run.finish_after(100));
  const std::scoped_lock lock(mutex);
  for (const auto& [id, count] : times_seen) EXPECT_EQ(count, 1) << id;
  EXPECT_GE(run.outcomes().at("ok"), 60);
}

TEST(InferenceClient, GoesRoundOnlyIfAskedTo) {
  std::atomic<int> at_two = 0;
  HttpStub one([](const StubRequest& request) { return good_reply(request); });
  HttpStub two(
      [&](const StubRequest& request) {
        ++at_two;
        return good_reply(request);
      },
      "127.0.0.2", static_cast<std::uint16_t>(std::stoi(one.port())));
  LoopRun first(params(one), {"127.0.0.1", "127.0.0.2"}, kPlenty);
  ASSERT_TRUE(first.finish_after(20));
  EXPECT_EQ(at_two, 0);
  LoopRun round(params(one, {{"spread", "round-robin"}}), {"127.0.0.1", "127.0.0.2"}, kPlenty);
  ASSERT_TRUE(round.finish_after(20));
  EXPECT_EQ(static_cast<std::size_t>(at_two), round.history().size() / 2);
}

TEST(InferenceClient, RefusesParametersOutOfRangeByName) {
  const auto error_with = [](const std::string& name, const std::string& value) {
    LoopRun run({{name, value}}, {"127.0.0.1"}, 1);
    run.end(ClientCommand::kStop);
    return run.error();
  };
  EXPECT_EQ(error_with("rate", "0"), "client load: 'rate' is 0, not from 0.001 to 100000");
  EXPECT_EQ(error_with("timeout", "3m"), "client load: 'timeout' is 3m, not from 1ms to 2m");
  EXPECT_EQ(error_with("zipf-exponent", "11"),
            "client load: 'zipf-exponent' is 11, not from 0.1 to 10");
  EXPECT_EQ(error_with("model", "a/b"),
            "client load: 'model' is 'a/b'; it may have letters, digits, '.', '_' and '-'");
  EXPECT_EQ(error_with("users", "0"), "client load: 'users' is 0, not from 1 to 100000000");
}

}  // namespace
}  // namespace squall
