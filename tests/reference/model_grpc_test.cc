// The six RPCs against the model server.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <thread>

#include "reference/base/loop.h"
#include "squall/v1/open_inference.grpc.pb.h"
#include "tests/reference/base_loop_runner.h"
#include "tests/reference/model_world.h"

namespace squall::reference {
namespace {

using grpc::StatusCode;

class Grpc : public testing::Test {
 protected:
  Grpc() {
    world.start();
    stub = inference::GRPCInferenceService::NewStub(
        grpc::CreateChannel("127.0.0.1:" + std::to_string(world.server().grpc_port()),
                            grpc::InsecureChannelCredentials()));
  }

  // The blocking call on a thread of its own, while this one runs the server.
  grpc::Status call(const std::function<grpc::Status(grpc::ClientContext&)>& rpc) {
    grpc::Status status;
    std::thread caller([&] {
      grpc::ClientContext context;
      status = rpc(context);
      served_by = read(context.GetServerInitialMetadata(), "x-served-by");
      version = read(context.GetServerTrailingMetadata(), "x-model-version");
      world.loop().stop();
    });
    run_until_stopped(world.loop());
    caller.join();
    return status;
  }

  grpc::Status infer(const inference::ModelInferRequest& request) {
    response.Clear();
    return call([&](grpc::ClientContext& context) {
      return stub->ModelInfer(&context, request, &response);
    });
  }

  static std::string read(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata,
                          const char* key) {
    const auto at = metadata.find(key);
    return at == metadata.end() ? "" : std::string(at->second.data(), at->second.size());
  }

  static inference::ModelInferRequest request_of(float nonce) {
    inference::ModelInferRequest request;
    request.set_model_name("ranker");
    request.set_id("call-1");
    auto* const input = request.add_inputs();
    input->set_name("features");
    input->set_datatype("FP32");
    input->add_shape(1);
    input->add_shape(17);
    input->mutable_contents()->add_fp32_contents(nonce);
    for (int column = 1; column < 17; ++column) input->mutable_contents()->add_fp32_contents(1);
    return request;
  }

  ModelWorld world;
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub;
  inference::ModelInferResponse response;
  std::string served_by;
  std::string version;
};

TEST_F(Grpc, ServerAndModelSayThatTheyLiveAndAreReady) {
  inference::ServerLiveResponse live;
  EXPECT_TRUE(call([&](auto& context) { return stub->ServerLive(&context, {}, &live); }).ok());
  EXPECT_TRUE(live.live());
  inference::ServerReadyResponse ready;
  EXPECT_TRUE(call([&](auto& context) { return stub->ServerReady(&context, {}, &ready); }).ok());
  EXPECT_TRUE(ready.ready());
  inference::ModelReadyRequest of;
  of.set_name("ranker");
  of.set_version("1");
  inference::ModelReadyResponse model;
  EXPECT_TRUE(call([&](auto& context) { return stub->ModelReady(&context, of, &model); }).ok());
  EXPECT_TRUE(model.ready());
  of.set_version("7");
  EXPECT_EQ(
      call([&](auto& context) { return stub->ModelReady(&context, of, &model); }).error_code(),
      StatusCode::NOT_FOUND);
}

TEST_F(Grpc, MetadataNamesTensorsAndVersions) {
  inference::ServerMetadataResponse server;
  EXPECT_TRUE(
      call([&](auto& context) { return stub->ServerMetadata(&context, {}, &server); }).ok());
  EXPECT_EQ(server.name(), "squall-model-server");
  inference::ModelMetadataRequest of;
  of.set_name("ranker");
  inference::ModelMetadataResponse model;
  EXPECT_TRUE(call([&](auto& context) { return stub->ModelMetadata(&context, of, &model); }).ok());
  EXPECT_EQ(model.ShortDebugString(),
            "name: \"ranker\" versions: \"1\" versions: \"2\" platform: \"opencv_onnx\" "
            "inputs { name: \"features\" datatype: \"FP32\" shape: -1 shape: 17 } "
            "outputs { name: \"scores\" datatype: \"FP32\" shape: -1 shape: 5 }");
}

TEST_F(Grpc, InfersTypedContents) {
  const grpc::Status status = infer(request_of(16'777'215));
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.id(), "call-1");
  EXPECT_EQ(response.model_version(), "2");
  EXPECT_EQ(version, "2");
  EXPECT_EQ(served_by, "m1");
  ASSERT_EQ(response.outputs_size(), 1);
  EXPECT_EQ(response.outputs(0).contents().fp32_contents(0), 16'777'215.0F);
  EXPECT_EQ(response.raw_output_contents_size(), 0);
}

TEST_F(Grpc, RawContentsAreAnsweredRawAndAgreeWithTypedOnes) {
  ASSERT_TRUE(infer(request_of(7)).ok());
  const inference::ModelInferResponse typed = response;
  inference::ModelInferRequest request = request_of(7);
  const auto& values = request.inputs(0).contents().fp32_contents();
  request.add_raw_input_contents(reinterpret_cast<const char*>(values.data()),
                                 static_cast<std::size_t>(values.size()) * sizeof(float));
  request.mutable_inputs(0)->clear_contents();
  ASSERT_TRUE(infer(request).ok());
  ASSERT_EQ(response.raw_output_contents_size(), 1);
  ASSERT_EQ(response.raw_output_contents(0).size(), 5 * sizeof(float));
  EXPECT_EQ(std::memcmp(response.raw_output_contents(0).data(),
                        typed.outputs(0).contents().fp32_contents().data(), 5 * sizeof(float)),
            0);
}

TEST_F(Grpc, WhatIsWrongHasItsStatusAndSaysWhy) {
  inference::ModelInferRequest unknown = request_of(1);
  unknown.set_model_name("rankr");
  const grpc::Status not_found = infer(unknown);
  EXPECT_EQ(not_found.error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(not_found.error_message(), "model 'rankr' is not known; did you mean 'ranker'?");
  inference::ModelInferRequest narrow = request_of(1);
  narrow.mutable_inputs(0)->mutable_contents()->add_fp32_contents(0);
  EXPECT_EQ(infer(narrow).error_message(), "input 'features': has 18 elements, its shape says 17");
  inference::ModelInferRequest both = request_of(1);
  both.add_raw_input_contents("abcd");
  EXPECT_EQ(infer(both).error_code(), StatusCode::INVALID_ARGUMENT);
}

TEST_F(Grpc, ADrainedServerAnswersNoMore) {
  world.drain();
  const grpc::Status status = call([&](grpc::ClientContext& context) {
    inference::ServerLiveResponse live;
    return stub->ServerLive(&context, {}, &live);
  });
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace squall::reference
