// Idempotency keys in front of a handler, and the sum of ledgers.
#include <gtest/gtest.h>

#include "reference/base/idempotent_handler.h"
#include "reference/gateway/ledger_query.h"

namespace squall::reference {
namespace {

class Idempotency : public testing::Test {
 protected:
  HttpHandler inner() {
    return [this](const HttpRequest&, const HttpReply& reply) { executing_.push_back(reply); };
  }
  // The index of its answer in answers_, which is filled in when there is one.
  std::size_t post(IdempotentHandler& handler, const std::string& key,
                   const std::string& body = "b") {
    HttpRequest request{.method = "POST", .target = "/infer", .body = body};
    if (!key.empty()) request.headers.add("idempotency-key", key);
    const std::size_t index = answers_.size();
    answers_.emplace_back();
    handler.handle(std::move(request),
                   [this, index](const HttpResponse& response) { answers_[index] = response; });
    return index;
  }
  std::string ledger(IdempotentHandler& handler) {
    std::string body;
    handler.handle({.target = "/ledger"},
                   [&body](const HttpResponse& response) { body = response.body; });
    return body;
  }
  std::vector<HttpReply> executing_;
  std::vector<std::optional<HttpResponse>> answers_;
};

TEST_F(Idempotency, ARepeatedKeyWaitsForTheFirstOnesAnswerAndGetsItAgain) {
  IdempotentHandler handler(system_clock(), true, inner());
  const std::size_t first = post(handler, "k");
  const std::size_t second = post(handler, "k");
  ASSERT_EQ(executing_.size(), 1U);
  EXPECT_FALSE(answers_[second]);
  executing_[0]({.status = 200, .body = "a"});
  ASSERT_TRUE(answers_[first] && answers_[second]);
  EXPECT_EQ(answers_[first]->headers.get("x-executions"), "1");
  EXPECT_EQ(answers_[second]->body, "a");
  EXPECT_EQ(answers_[second]->headers.get("x-idempotent-replay"), "true");
  const std::size_t third = post(handler, "k");
  ASSERT_TRUE(answers_[third]);
  EXPECT_EQ(executing_.size(), 1U);
  EXPECT_EQ(answers_[post(handler, "k", "other body")]->status, 422);
  EXPECT_EQ(ledger(handler), R"({"counts":{"k":1}})");
}

TEST_F(Idempotency, AFailureIsExecutedAgainAndNotCounted) {
  IdempotentHandler handler(system_clock(), true, inner());
  (void)post(handler, "k");
  executing_[0]({.status = 503});
  (void)post(handler, "k");
  ASSERT_EQ(executing_.size(), 2U);
  executing_[1]({.status = 200});
  EXPECT_EQ(ledger(handler), R"({"counts":{"k":1}})");
}

TEST_F(Idempotency, SwitchedOffItOnlyCounts) {
  IdempotentHandler handler(system_clock(), false, inner());
  (void)post(handler, "k");
  (void)post(handler, "k");
  (void)post(handler, "");
  ASSERT_EQ(executing_.size(), 3U);
  for (const HttpReply& reply : executing_) reply({.status = 200});
  EXPECT_EQ(answers_[1]->headers.get("x-executions"), "2");
  EXPECT_FALSE(answers_[2]->headers.has("x-executions"));
  EXPECT_EQ(ledger(handler), R"({"counts":{"k":2}})");
}

TEST_F(Idempotency, AnAnswerMayOutliveTheHandler) {
  {
    IdempotentHandler handler(system_clock(), true, inner());
    (void)post(handler, "k");
  }
  executing_[0]({.status = 200});
  EXPECT_TRUE(answers_[0]);
}

TEST(LedgerSum, AddsByKeyOverReplicas) {
  LedgerSum sum;
  EXPECT_TRUE(sum.add("m1", R"({"counts":{"a":1,"b":1}})").ok());
  EXPECT_TRUE(sum.add("m2", R"({"counts":{"b":1}})").ok());
  for (const char* wrong : {"", "[]", "{}", R"({"counts":[1]})", R"({"counts":{"a":"1"}})"}) {
    EXPECT_FALSE(sum.add("m3", wrong).ok()) << wrong;
  }
  sum.add_missing("m3");
  EXPECT_EQ(
      sum.to_json(),
      R"({"duplicates":{"b":2},"executions":3,"keys":2,"missing":["m3"],"replicas":["m1","m2"]})");
}

}  // namespace
}  // namespace squall::reference
