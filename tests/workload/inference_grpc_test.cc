// The client `inference` over gRPC against a service in this process.
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <cstring>

#include "history/inference_call.h"
#include "squall/v1/open_inference.grpc.pb.h"
#include "tests/workload/http_stub.h"
#include "tests/workload/loop_run.h"

namespace squall {
namespace {

using testing_workload::Gate;
using testing_workload::HttpStub;
using testing_workload::LoopRun;
using testing_workload::StubReply;
using testing_workload::StubRequest;

class Service : public inference::GRPCInferenceService::Service {
 public:
  using Handler = std::function<grpc::Status(
      grpc::ServerContext&, const inference::ModelInferRequest&, inference::ModelInferResponse&)>;
  explicit Service(Handler handler) : handler_(std::move(handler)) {}
  grpc::Status ModelInfer(grpc::ServerContext* context, const inference::ModelInferRequest* request,
                          inference::ModelInferResponse* response) override {
    return handler_(*context, *request, *response);
  }

 private:
  Handler handler_;
};

struct GrpcServer {
  explicit GrpcServer(Service::Handler handler) : service(std::move(handler)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service);
    server = builder.BuildAndStart();
  }
  Service service;
  int port = 0;
  std::unique_ptr<grpc::Server> server{};
};

std::map<std::string, std::string> params(int port, const std::string& timeout = "20s") {
  return {{"protocol", "grpc"},
          {"port", std::to_string(port)},
          {"rate", "500"},
          {"arrival", "constant"},
          {"timeout", timeout}};
}

std::vector<float> raw_row(const inference::ModelInferRequest& request) {
  const std::string& raw = request.raw_input_contents(0);
  std::vector<float> row(raw.size() / sizeof(float));
  std::memcpy(row.data(), raw.data(), raw.size());
  return row;
}

grpc::Status answer_raw(const inference::ModelInferRequest& request,
                        inference::ModelInferResponse& response) {
  const std::vector<float> scores = {raw_row(request).at(0), 0.5F, 0.25F, 0.125F, 1};
  response.set_id(request.id());
  response.set_model_version("7");
  response.add_outputs()->set_name("scores");
  response.add_raw_output_contents(
      std::string(reinterpret_cast<const char*>(scores.data()), scores.size() * sizeof(float)));
  return grpc::Status::OK;
}

TEST(InferenceGrpc, RecordsWhatItAskedAndWhatCameBack) {
  std::atomic<int> wrong = 0;
  GrpcServer server([&](grpc::ServerContext& context, const inference::ModelInferRequest& request,
                        inference::ModelInferResponse& response) {
    const auto& sent = context.client_metadata();
    const bool is_whole =
        request.model_name() == "ranker" && request.inputs(0).name() == "features" &&
        request.inputs(0).datatype() == "FP32" && request.inputs(0).shape(1) == 17 &&
        raw_row(request).size() == 17 && sent.count("x-user-id") == 1 &&
        sent.count("traceparent") == 1 && sent.find("x-request-id")->second == request.id();
    if (!is_whole) ++wrong;
    context.AddInitialMetadata("x-served-by", "m1");
    context.AddTrailingMetadata("x-config-epoch", "3");
    return answer_raw(request, response);
  });
  LoopRun run(params(server.port), {"127.0.0.1"}, 1000);
  ASSERT_TRUE(run.finish_after(100));
  EXPECT_EQ(run.error(), "");
  EXPECT_EQ(wrong, 0);
  EXPECT_GE(run.outcomes().at("ok"), 100);
  const InferenceCall call = *inference_call(run.history(), 50);
  ASSERT_TRUE(call.reply);
  EXPECT_EQ(call.reply->id, call.request.id);
  EXPECT_EQ(call.reply->nonce, call.request.nonce);
  EXPECT_EQ(call.reply->version, "7");
  EXPECT_EQ(call.reply->replica, "m1");
  EXPECT_EQ(call.reply->epoch, 3);
  EXPECT_EQ(call.reply->outputs, (std::vector<std::int64_t>{500'000, 250'000, 125'000, 1'000'000}));
  EXPECT_GT(run.history().at(50).first_byte, run.history().at(50).sent);
}

TEST(InferenceGrpc, ReadsTypedContentsToo) {
  GrpcServer server([](grpc::ServerContext&, const inference::ModelInferRequest& request,
                       inference::ModelInferResponse& response) {
    auto* output = response.add_outputs();
    output->set_name("scores");
    output->mutable_contents()->add_fp32_contents(raw_row(request).at(0));
    output->mutable_contents()->add_fp32_contents(2.5F);
    return grpc::Status::OK;
  });
  LoopRun run(params(server.port), {"127.0.0.1"}, 1000);
  ASSERT_TRUE(run.finish_after(5));
  const InferenceCall call = *inference_call(run.history(), 0);
  ASSERT_TRUE(call.reply);
  EXPECT_EQ(call.reply->nonce, call.request.nonce);
  EXPECT_EQ(call.reply->outputs, (std::vector<std::int64_t>{2'500'000}));
}

std::map<std::string, int> outcomes_with(const grpc::Status& status) {
  GrpcServer server([&](grpc::ServerContext&, const inference::ModelInferRequest&,
                        inference::ModelInferResponse&) { return status; });
  LoopRun run(params(server.port), {"127.0.0.1"}, 1000);
  EXPECT_TRUE(run.finish_after(5));
  return run.outcomes();
}

TEST(InferenceGrpcErrors, WhatOnlyAServerSaysIsFail) {
  const auto seen = outcomes_with({grpc::StatusCode::RESOURCE_EXHAUSTED, "the queue is full"});
  EXPECT_GE(seen.at("fail: gRPC 8: the queue is full"), 5);
  EXPECT_EQ(seen.size(), 1U);
}

// A broken connection gives the same code, so nobody knows.
TEST(InferenceGrpcErrors, UnavailableIsInfo) {
  const auto seen = outcomes_with({grpc::StatusCode::UNAVAILABLE, "draining"});
  EXPECT_GE(seen.at("info: gRPC 14: draining"), 5);
  EXPECT_EQ(seen.size(), 1U);
}

TEST(InferenceGrpcErrors, AReplyWithoutTheOutputIsInfo) {
  const auto seen = outcomes_with(grpc::Status::OK);
  EXPECT_GE(seen.at("info: reply: no output 'scores'"), 5);
  EXPECT_EQ(seen.size(), 1U);
}

TEST(InferenceGrpcErrors, ARefusedConnectionIsFail) {
  int port = 0;
  {
    const HttpStub stub([](const StubRequest&) { return StubReply{}; });
    port = std::stoi(stub.port());
  }
  LoopRun run(params(port), {"127.0.0.1"}, 1000);
  ASSERT_TRUE(run.finish_after(5));
  for (const auto& [outcome, count] : run.outcomes()) {
    EXPECT_TRUE(outcome.starts_with("fail: gRPC 14: failed to connect to all addresses"))
        << outcome << " " << count;
  }
}

TEST(InferenceGrpcErrors, ADeadlineThatPassesIsInfoAndNotSentIsFail) {
  Gate gate;
  GrpcServer server([&](grpc::ServerContext&, const inference::ModelInferRequest& request,
                        inference::ModelInferResponse& response) {
    gate.wait();
    return answer_raw(request, response);
  });
  LoopRun run(params(server.port, "50ms"), {"127.0.0.1"}, 2);
  ASSERT_TRUE(
      run.run_until([&] { return run.outcomes().count("info: gRPC 4: Deadline Exceeded"); }));
  gate.open();
  run.end(ClientCommand::kFinish);
  EXPECT_GE(run.outcomes().count("fail: not sent: 2 requests are in flight"), 1U);
}

// Ends calls that are under way instead of waiting for them.
TEST(InferenceGrpc, StopsWhileCallsAreUnderWay) {
  Gate gate;
  GrpcServer server([&](grpc::ServerContext&, const inference::ModelInferRequest& request,
                        inference::ModelInferResponse& response) {
    gate.wait();
    return answer_raw(request, response);
  });
  LoopRun run(params(server.port), {"127.0.0.1"}, 2);
  ASSERT_TRUE(run.run_until([&] { return run.builder().under_way() == 2; }));
  run.end(ClientCommand::kStop);
  gate.open();
  EXPECT_EQ(run.outcomes().at("info: still under way when the run ended"), 2);
}

}  // namespace
}  // namespace squall
