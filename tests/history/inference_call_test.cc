// Inference calls as operations keep them: round trips, and what is none.
#include "history/inference_call.h"

#include <gtest/gtest.h>

#include "history/jsonl.h"

namespace squall {
namespace {

const InferenceRequest kRequest{"c1-12", 812, "u9", 3};

// The operation that a client's `json` becomes, as JSON lines carry it.
History history_of(const std::string& json, const std::string& function = "infer",
                   const std::string& outcome = "ok") {
  const std::string head = R"({"i":0,"p":0,"e":"invoke","f":")" + function +
                           R"(","k":"ranker","v":)" + (outcome == "ok" ? "null" : json) +
                           R"(,"t":10})";
  const std::string tail = R"({"i":1,"p":0,"e":")" + outcome + R"(","f":")" + function +
                           R"(","k":"ranker","v":)" + json + R"(,"t":20})";
  return read_jsonl(head + "\n" + tail + "\n", "test").value();
}

TEST(InferenceCall, AnAnsweredCallComesBackAsItWas) {
  const InferenceReply reply{.id = "c1-12",
                             .nonce = 812,
                             .version = "2",
                             .epoch = 7,
                             .cohort = "canary",
                             .gateway = "g1",
                             .replica = "m3",
                             .outputs = {-1, 250'000, 0, 999'999},
                             .attempts = 2};
  const auto call = inference_call(history_of(to_json(kRequest, reply)), 0);
  ASSERT_TRUE(call.has_value() && call->reply.has_value());
  EXPECT_EQ(call->request.id, "c1-12");
  EXPECT_EQ(call->request.nonce, 812);
  EXPECT_EQ(call->request.user, "u9");
  EXPECT_EQ(call->request.input, 3);
  EXPECT_EQ(to_json(call->request, *call->reply), to_json(kRequest, reply));
  EXPECT_EQ(to_json(kRequest, reply),
            R"(["c1-12",812,"u9",3,"c1-12",812,"2",7,"canary","g1","m3",[-1,250000,0,999999],2])");
}

TEST(InferenceCall, ARequestAloneHasNoReply) {
  EXPECT_EQ(to_json(kRequest), R"(["c1-12",812,"u9",3])");
  for (const char* const outcome : {"ok", "fail", "info"}) {
    const auto call = inference_call(history_of(to_json(kRequest), "infer", outcome), 0);
    ASSERT_TRUE(call.has_value()) << outcome;
    EXPECT_FALSE(call->reply.has_value()) << outcome;
    EXPECT_EQ(to_json(call->request), to_json(kRequest)) << outcome;
  }
}

TEST(InferenceCall, WhatAServerLeftOutIsEmptyAndNoOutputsAreNone) {
  const auto call = inference_call(history_of(to_json(kRequest, {})), 0);
  ASSERT_TRUE(call.has_value() && call->reply.has_value());
  EXPECT_EQ(call->reply->id, "");
  EXPECT_EQ(call->reply->epoch, 0);
  EXPECT_EQ(call->reply->version, "");
  EXPECT_TRUE(call->reply->outputs.empty());
  EXPECT_EQ(call->reply->attempts, 1);
}

TEST(InferenceCall, TextOfAStrangerSurvivesAsUtf8) {
  InferenceReply reply;
  reply.id = "a\"b\\c\n\xff";
  reply.version = "größer";
  const auto call = inference_call(history_of(to_json(kRequest, reply)), 0);
  ASSERT_TRUE(call.has_value() && call->reply.has_value());
  EXPECT_EQ(call->reply->id, "a\"b\\c\n\\xff");
  EXPECT_EQ(call->reply->version, "größer");
}

TEST(InferenceCall, OtherShapesAreNothing) {
  for (const char* const json : {
           "7",
           "null",
           "[]",
           R"(["a",1,"u"])",
           R"(["a",1,"u",3,4])",
           R"([1,1,"u",3])",
           R"(["a","1","u",3])",
           R"(["a",1,9,3])",
           R"(["a",1,"u","3"])",
           R"(["a",1,"u",3,"a",1,"2",7,"c","g","m",5,1])",
           R"(["a",1,"u",3,"a",1,"2",7,"c","g","m",["x"],1])",
           R"(["a",1,"u",3,"a",1,"2",7,"c","g","m",[[1]],1])",
           R"(["a",1,"u",3,"a",1,"2","7","c","g","m",[],1])",
           R"(["a",1,"u",3,"a",1,"2",7,"c","g","m",[],null])",
           R"(["a",1,"u",3,null,1,"2",7,"c","g","m",[],1])",
       }) {
    EXPECT_FALSE(inference_call(history_of(json), 0).has_value()) << json;
  }
  EXPECT_FALSE(inference_call(history_of(to_json(kRequest), "read"), 0).has_value());
  EXPECT_FALSE(inference_call(history_of("null", "infer", "info"), 0).has_value());
}

}  // namespace
}  // namespace squall
