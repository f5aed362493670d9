// Inference calls as bytes: what is asked, and what is made of answers.
#include "workload/inference_codec.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

namespace squall {
namespace {

const InferenceShape kShape{.model = "ranker",
                            .version = "",
                            .input_tensor = "features",
                            .output_tensor = "scores",
                            .columns = 17};
const InferenceRequest kRequest{.id = "load-1-7", .nonce = 16'777'215, .user = "u", .input = 3};

// The reply as the history keeps it, or the error.
std::string reply_to(const std::string& body, const HttpFields& fields = {}) {
  const Result<InferenceReply> reply =
      read_infer_answer(kShape, {.status = 200, .fields = fields, .body = body});
  return reply.ok() ? to_json(kRequest, *reply) : reply.error().what;
}

TEST(InferenceBody, IsTheProtocolsWithTheNonceFirst) {
  const auto body = nlohmann::json::parse(infer_body(kShape, kRequest));
  EXPECT_EQ(body.at("id"), "load-1-7");
  EXPECT_EQ(body.at("outputs"), nlohmann::json::parse(R"([{"name":"scores"}])"));
  const auto& input = body.at("inputs").at(0);
  EXPECT_EQ(input.at("name"), "features");
  EXPECT_EQ(input.at("datatype"), "FP32");
  EXPECT_EQ(input.at("shape"), nlohmann::json({1, 17}));
  ASSERT_EQ(input.at("data").size(), 17U);
  EXPECT_EQ(input.at("data").at(0), 16'777'215);
  // Text and raw bytes are the same numbers.
  const std::vector<float> row = input_row(kRequest, 17);
  for (std::size_t i = 0; i < row.size(); ++i) EXPECT_EQ(input.at("data").at(i), row[i]) << i;
}

TEST(InferenceBody, FeaturesDependOnTheInputAlone) {
  InferenceRequest other = kRequest;
  other.id = "x";
  other.nonce = 1;
  std::vector<float> one = input_row(kRequest, 17);
  std::vector<float> two = input_row(other, 17);
  EXPECT_TRUE(std::equal(one.begin() + 1, one.end(), two.begin() + 1));
  other.input = 4;
  EXPECT_NE(input_row(other, 17), two);
  for (std::size_t i = 1; i < one.size(); ++i) {
    EXPECT_GE(one[i], -1);
    EXPECT_LE(one[i], 1);
    EXPECT_EQ(one[i] * 1024, static_cast<float>(static_cast<int>(one[i] * 1024)));
  }
}

TEST(InferenceTarget, NamesAVersionOnlyIfOneIsWanted) {
  EXPECT_EQ(infer_target(kShape), "/v2/models/ranker/infer");
  InferenceShape versioned = kShape;
  versioned.version = "2";
  EXPECT_EQ(infer_target(versioned), "/v2/models/ranker/versions/2/infer");
}

TEST(InferenceFields, CarryUserDeadlineAndTrace) {
  const InferenceQuery query{.request = kRequest,
                             .traceparent = "00-t-s-01",
                             .timeout = std::chrono::milliseconds(250),
                             .is_idempotent = false};
  HttpFields expected = {{"x-user-id", "u"},
                         {"x-request-id", "load-1-7"},
                         {"x-request-deadline-ms", "250"},
                         {"traceparent", "00-t-s-01"}};
  EXPECT_EQ(request_fields(query), expected);
  InferenceQuery idempotent = query;
  idempotent.is_idempotent = true;
  expected.emplace_back("idempotency-key", "load-1-7");
  EXPECT_EQ(request_fields(idempotent), expected);
}

TEST(Traceparent, FollowsFromSeedAndId) {
  const std::string trace = traceparent(1, "a-1-1");
  EXPECT_EQ(trace.size(), 55U);
  EXPECT_TRUE(trace.starts_with("00-"));
  EXPECT_TRUE(trace.ends_with("-01"));
  EXPECT_EQ(trace, traceparent(1, "a-1-1"));
  std::set<std::string> all;
  for (int i = 0; i < 1000; ++i) all.insert(traceparent(1, std::to_string(i)).substr(3, 32));
  EXPECT_EQ(all.size(), 1000U);
}

TEST(InferenceAnswer, IsReadWhole) {
  EXPECT_EQ(reply_to(R"({"model_name":"ranker","model_version":"2","id":"load-1-7","outputs":[
                {"name":"other","shape":[1],"datatype":"FP32","data":[9]},
                {"name":"scores","shape":[1,3],"datatype":"FP32","data":[16777215,0.25,-1.5]}]})",
                     {{"x-config-epoch", "12"},
                      {"x-cohort", "canary"},
                      {"x-gateway", "g1"},
                      {"x-served-by", "m2"},
                      {"x-attempts", "2"}}),
            R"(["load-1-7",16777215,"u",3,"load-1-7",16777215,"2",12,"canary","g1","m2",)"
            R"([250000,-1500000],2])");
}

TEST(InferenceAnswer, MayBeNestedAndMaySayNothingOfItself) {
  EXPECT_EQ(reply_to(R"({"outputs":[{"name":"scores","data":[[5,0.000001]]}]})"),
            R"(["load-1-7",16777215,"u",3,"",5,"",0,"","","",[1],1])");
}

TEST(InferenceAnswer, ThatIsNotTheProtocolsIsRejected) {
  EXPECT_EQ(reply_to("<html>"), "reply: not a JSON object");
  EXPECT_EQ(reply_to("[]"), "reply: not a JSON object");
  EXPECT_EQ(reply_to("{}"), "reply: no output 'scores'");
  EXPECT_EQ(reply_to(R"({"outputs":[{"name":"other","data":[1]}]})"), "reply: no output 'scores'");
  const std::string no_list = "reply: the output's data is not a list of numbers";
  EXPECT_EQ(reply_to(R"({"outputs":[{"name":"scores"}]})"), no_list);
  EXPECT_EQ(reply_to(R"({"outputs":[{"name":"scores","data":[]}]})"), no_list);
  EXPECT_EQ(reply_to(R"({"outputs":[{"name":"scores","data":["x"]}]})"), no_list);
}

TEST(InferenceOutputs, ThatAreNoNumbersAreTheLeastInteger) {
  InferenceReply reply;
  read_outputs({7, std::numeric_limits<double>::quiet_NaN(), 1e300}, reply);
  EXPECT_EQ(reply.nonce, 7);
  EXPECT_EQ(reply.outputs, (std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min(),
                                                      9'000'000'000'000'000'000}));
}

TEST(HttpErrors, QuoteTheProtocolsErrorOrTheBody) {
  EXPECT_EQ(http_error({.status = 503, .body = R"({"error":"the queue is full"})"}),
            "HTTP 503: the queue is full");
  EXPECT_EQ(http_error({.status = 502, .body = "Bad Gateway"}), "HTTP 502: Bad Gateway");
  EXPECT_EQ(http_error({.status = 404}), "HTTP 404");
  EXPECT_EQ(http_error({.status = 500, .body = std::string(1000, 'x')}),
            "HTTP 500: " + std::string(200, 'x'));
}

}  // namespace
}  // namespace squall
