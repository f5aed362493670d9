// Conformance with the Open Inference Protocol: generated requests for every datatype, form and
// mistake, the same ones over HTTP and gRPC, with the status and the words that each must get.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "base/rng.h"
#include "squall/v1/open_inference.grpc.pb.h"
#include "tests/reference/base_loop_runner.h"
#include "tests/reference/model_world.h"

namespace squall::reference {
namespace {

using nlohmann::json;

struct Reply {
  int status = 0;
  std::string error{};
};

class Conformance : public testing::Test {
 protected:
  Conformance() { world.start(); }

  // Any failure's body is an object with the one text "error"; a success has no such member.
  Reply ask(const std::string& method, const std::string& target, const std::string& body = "") {
    HttpRequest request{.method = method, .target = target, .body = body};
    const HttpOutcome outcome =
        exchange(world.loop(), world.client(), world.server().http_port(), request);
    if (!outcome.answer.ok()) {
      ADD_FAILURE() << outcome.answer.error().what;
      return {};
    }
    const HttpResponse& answer = *outcome.answer;
    Reply reply{.status = answer.status};
    if (answer.status == 200 || answer.body.empty()) return reply;
    const json parsed = json::parse(answer.body, nullptr, false);
    EXPECT_TRUE(parsed.is_object() && parsed.size() == 1 && parsed.contains("error"))
        << answer.body;
    EXPECT_EQ(answer.headers.get("Content-Type"), "application/json");
    if (parsed.is_object() && parsed.contains("error")) reply.error = parsed["error"];
    return reply;
  }

  Reply infer(const json& body) { return ask("POST", "/v2/models/ranker/infer", body.dump()); }

  ModelWorld world;
};

json tensor(const std::string& datatype, json shape, json data) {
  return {{"name", "features"},
          {"datatype", datatype},
          {"shape", std::move(shape)},
          {"data", std::move(data)}};
}

json call_of(json input) {
  return {{"inputs", json::array({std::move(input)})}};
}

json row(json element, std::size_t count = 17) {
  json data = json::array();
  for (std::size_t at = 0; at < count; ++at) data.push_back(element);
  return data;
}

TEST_F(Conformance, EveryRouteAnswersItsMethodAndRefusesOthers) {
  struct Row {
    std::string method, target;
    int status;
  };
  const std::string model = "/v2/models/ranker";
  const std::vector<Row> rows = {
      {"GET", "/v2", 200},
      {"GET", "/v2/", 200},
      {"GET", "/v2/health/live", 200},
      {"GET", "/v2/health/ready", 200},
      {"GET", model, 200},
      {"GET", model + "/", 200},
      {"GET", model + "?x=1", 200},
      {"GET", model + "/ready", 200},
      {"GET", model + "/versions/1", 200},
      {"GET", model + "/versions/1/ready", 200},
      {"GET", model + "/versions/7", 404},
      {"GET", model + "/versions/7/ready", 404},
      {"GET", model + "/versions/x", 404},
      {"GET", model + "/versions", 404},
      {"GET", model + "/infer/more", 404},
      {"GET", "/v2/models/other", 404},
      {"GET", "/v2/models/other/ready", 404},
      {"GET", "/v2/models", 404},
      {"GET", "/v2/health", 404},
      {"GET", "/v2/health/dead", 404},
      {"GET", "/v1/models/ranker", 404},
      {"GET", "/", 404},
      {"GET", "/v2/models/%zz", 404},
      {"GET", model + "/infer", 405},
      {"POST", model, 405},
      {"POST", "/v2", 405},
      {"POST", "/v2/health/live", 405},
      {"DELETE", "/v2/health/ready", 405},
      {"PUT", model + "/infer", 405},
  };
  for (const Row& wanted : rows) {
    EXPECT_EQ(ask(wanted.method, wanted.target).status, wanted.status)
        << wanted.method << " " << wanted.target;
  }
}

TEST_F(Conformance, MetadataHasTheSpecificationsMembers) {
  const json server = json::parse(world.get("/v2").answer->body);
  EXPECT_TRUE(server.at("name").is_string());
  EXPECT_TRUE(server.at("version").is_string());
  EXPECT_TRUE(server.at("extensions").is_array());
  const json model = json::parse(world.get("/v2/models/ranker").answer->body);
  EXPECT_EQ(model.at("versions"), json({"1", "2"}));
  EXPECT_TRUE(model.at("platform").is_string());
  const json wanted = {{"name", "features"}, {"datatype", "FP32"}, {"shape", {-1, 17}}};
  EXPECT_EQ(model.at("inputs").at(0), wanted);
}

TEST_F(Conformance, DataMayBeFlatOrNestedAndHoldAnyNumber) {
  for (const int rows : {1, 2, 8}) {
    const auto count = static_cast<std::size_t>(rows) * 17;
    json nested = json::array();
    for (int at = 0; at < rows; ++at) nested.push_back(row(1));
    EXPECT_EQ(infer(call_of(tensor("FP32", {rows, 17}, row(0.5, count)))).status, 200);
    EXPECT_EQ(infer(call_of(tensor("FP32", {rows, 17}, nested))).status, 200);
  }
  EXPECT_EQ(infer(call_of(tensor("FP32", {1, 17}, row(-3)))).status, 200);
}

struct Sample {
  std::string datatype;
  json good, bad;  // elements
};

std::vector<Sample> samples() {
  return {
      {"BOOL", true, 1},
      {"UINT8", 255, 256},
      {"UINT16", 65535, -1},
      {"UINT32", 4294967295U, 4294967296U},
      {"UINT64", 18446744073709551615U, 0.5},
      {"INT8", -128, -129},
      {"INT16", -32768, 32768},
      {"INT32", 2147483647, 2147483648U},
      {"INT64", std::int64_t{-9223372036854775807}, 18446744073709551615U},
      {"FP64", 1e300, "1"},
      {"BYTES", "text", 1},
  };
}

TEST_F(Conformance, EachDatatypeIsCheckedBeforeTheModelRefusesIt) {
  for (const Sample& sample : samples()) {
    EXPECT_EQ(infer(call_of(tensor(sample.datatype, {1, 17}, row(sample.good)))).error,
              "input 'features' has datatype " + sample.datatype + ", the model takes FP32");
    json data = row(sample.good);
    data[3] = sample.bad;
    const Reply bad = infer(call_of(tensor(sample.datatype, {1, 17}, data)));
    EXPECT_EQ(bad.status, 400);
    EXPECT_EQ(bad.error, "input 'features': element 3 is no " + sample.datatype);
  }
  for (const char* const raw_only : {"FP16", "BF16"}) {
    EXPECT_EQ(infer(call_of(tensor(raw_only, {1, 17}, row(1)))).error,
              std::string("input 'features': ") + raw_only + " has no form in JSON");
  }
  EXPECT_EQ(infer(call_of(tensor("FP33", {1, 17}, row(1)))).status, 400);
  EXPECT_EQ(infer(call_of(tensor("FP32", {1, 17}, row(1e300)))).error,
            "input 'features': element 0 is no FP32");
}

TEST_F(Conformance, EachMistakeOfARequestIsNamed) {
  const json good = call_of(tensor("FP32", {1, 17}, row(1)));
  struct Row {
    std::string pointer;
    json value;  // null: taken away
    std::string error;
  };
  const std::vector<Row> rows = {
      {"/inputs", nullptr, "the request: no 'inputs'"},
      {"/inputs", "x", "the request: 'inputs' is not an array"},
      {"/inputs", json::array(), "0 inputs; the model takes 1: 'features'"},
      {"/inputs/0", 7, "input 0: not an object"},
      {"/inputs/0/name", nullptr, "input 0: no 'name'"},
      {"/inputs/0/name", 7, "input 0: 'name' is not a string"},
      {"/inputs/0/name", "featurs", "unknown input 'featurs'; did you mean 'features'?"},
      {"/inputs/0/datatype", nullptr, "input 'features': no 'datatype'"},
      {"/inputs/0/datatype", "FP3",
       "input 'features': unknown datatype 'FP3'; did you mean 'FP32'?"},
      {"/inputs/0/shape", nullptr, "input 'features': no 'shape'"},
      {"/inputs/0/shape",
       {1.5, 17},
       "input 'features': 'shape' is not a list of at most 16 integers"},
      {"/inputs/0/shape", {-1, 17}, "input 'features': a size of -1"},
      {"/inputs/0/shape", {1, 16}, "input 'features': has 17 elements, its shape says 16"},
      {"/inputs/0/shape", {17}, "input 'features' has shape [17], the model takes [any, 17]"},
      {"/inputs/0/shape", {17, 1}, "input 'features' has shape [17, 1], the model takes [any, 17]"},
      {"/inputs/0/shape",
       {1048576, 1048576},
       "input 'features': more than kMaxElements = 4194304 elements"},
      {"/inputs/0/data", nullptr, "input 'features': no 'data'"},
      {"/inputs/0/data", 1, "input 'features': 'data' is not an array"},
      {"/inputs/0/data", row(1, 16), "input 'features': has 16 elements, its shape says 17"},
      {"/inputs/0/data", json::array({row(1, 16)}),
       "input 'features': has a row of 16 at depth 1, its shape says 17"},
      {"/inputs/0/data", json::array({row(json::array({1}))}),
       "input 'features': element 0 is no FP32"},
      {"/id", 7, "'id' is not a string"},
      {"/parameters", 7, "'parameters' is not an object"},
      {"/outputs", 7, "the request: 'outputs' is not an array"},
      {"/outputs", json::array({json::object()}), "output 0: no 'name'"},
      {"/outputs", json::array({{{"name", "score"}}}),
       "unknown output 'score'; did you mean 'scores'?"},
  };
  for (const Row& wanted : rows) {
    json body = good;
    const json::json_pointer pointer(wanted.pointer);
    if (wanted.value.is_null()) {
      body[pointer.parent_pointer()].erase(pointer.back());
    } else {
      body[pointer] = wanted.value;
    }
    const Reply reply = infer(body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_EQ(reply.error, wanted.error) << body;
  }
  const Reply large = infer(call_of(tensor("FP32", {9, 17}, row(1, 153))));
  EXPECT_EQ(large.error, "a batch of 9 rows; the limit is 8");
}

TEST_F(Conformance, GarbageIsA400AndTheServerGoesOn) {
  Rng rng(11);
  const std::string good = infer_body(1);
  for (int round = 0; round < 200; ++round) {
    std::string body = good.substr(0, rng.below(good.size()));
    for (int edit = 0; edit < 3 && !body.empty(); ++edit) {
      body[rng.below(body.size())] = static_cast<char>(rng.below(256));
    }
    EXPECT_EQ(ask("POST", "/v2/models/ranker/infer", body).status, 400) << body;
  }
  EXPECT_EQ(world.infer(1).answer->status, 200);
}

// The same datatypes by gRPC: typed contents in the field of the datatype, and raw ones.
class GrpcConformance : public Conformance {
 protected:
  GrpcConformance()
      : stub(inference::GRPCInferenceService::NewStub(
            grpc::CreateChannel("127.0.0.1:" + std::to_string(world.server().grpc_port()),
                                grpc::InsecureChannelCredentials()))) {}

  // "" for a good answer.
  std::vector<std::string> ask_all(const std::vector<inference::ModelInferRequest>& requests) {
    std::vector<std::string> errors;
    std::thread caller([&] {
      for (const auto& request : requests) {
        grpc::ClientContext context;
        inference::ModelInferResponse response;
        const grpc::Status status = stub->ModelInfer(&context, request, &response);
        EXPECT_TRUE(status.ok() || status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
        errors.push_back(status.error_message());
      }
      world.loop().stop();
    });
    run_until_stopped(world.loop());
    caller.join();
    return errors;
  }

  static inference::ModelInferRequest request_of(const std::string& datatype) {
    inference::ModelInferRequest request;
    request.set_model_name("ranker");
    auto* const input = request.add_inputs();
    input->set_name("features");
    input->set_datatype(datatype);
    input->add_shape(1);
    input->add_shape(17);
    return request;
  }

  std::unique_ptr<inference::GRPCInferenceService::Stub> stub;
};

void fill(const std::string& datatype, int count, inference::InferTensorContents& contents) {
  for (int at = 0; at < count; ++at) {
    if (datatype == "BOOL") contents.add_bool_contents(true);
    if (datatype == "BYTES") contents.add_bytes_contents("x");
    if (datatype == "FP32") contents.add_fp32_contents(1);
    if (datatype == "FP64") contents.add_fp64_contents(1);
    if (datatype == "INT64") contents.add_int64_contents(1);
    if (datatype == "UINT64") contents.add_uint64_contents(1);
    if (datatype == "INT8" || datatype == "INT16" || datatype == "INT32")
      contents.add_int_contents(1);
    if (datatype == "UINT8" || datatype == "UINT16" || datatype == "UINT32") {
      contents.add_uint_contents(1);
    }
  }
}

TEST_F(GrpcConformance, EachDatatypeHasItsFieldAndItsRawSize) {
  const std::map<std::string, std::size_t> bytes = {
      {"BOOL", 1}, {"UINT8", 1}, {"UINT16", 2}, {"UINT32", 4}, {"UINT64", 8},
      {"INT8", 1}, {"INT16", 2}, {"INT32", 4},  {"INT64", 8},  {"FP16", 2},
      {"FP32", 4}, {"FP64", 8},  {"BF16", 2}};
  std::vector<inference::ModelInferRequest> requests;
  std::vector<std::string> wanted;
  for (const auto& [datatype, size] : bytes) {
    const bool is_raw_only = datatype == "FP16" || datatype == "BF16";
    const std::string refusal =
        datatype == "FP32" ? ""
                           : "input 'features' has datatype " + datatype + ", the model takes FP32";
    auto typed = request_of(datatype);
    fill(datatype, 17, *typed.mutable_inputs(0)->mutable_contents());
    requests.push_back(typed);
    wanted.push_back(is_raw_only ? "input 'features': " + datatype + " has a raw form only"
                                 : refusal);
    auto raw = request_of(datatype);
    raw.add_raw_input_contents(std::string(17 * size, '\0'));
    requests.push_back(raw);
    wanted.push_back(refusal);
    raw.set_raw_input_contents(0, std::string(17 * size - 1, '\0'));
    requests.push_back(raw);
    wanted.push_back("input 'features': has " + std::to_string(17 * size - 1) +
                     " raw bytes, its shape says " + std::to_string(17 * size));
    auto wrong = request_of(datatype);
    fill(datatype == "BYTES" ? "FP32" : "BYTES", 17, *wrong.mutable_inputs(0)->mutable_contents());
    requests.push_back(wrong);
    wanted.push_back(is_raw_only
                         ? "input 'features': " + datatype + " has a raw form only"
                         : "input 'features': has contents of another datatype than " + datatype);
  }
  EXPECT_EQ(ask_all(requests), wanted);
}

TEST_F(GrpcConformance, RawBytesHaveALengthBeforeEach) {
  auto request = request_of("BYTES");
  std::string element(
      "\x02\x00\x00\x00"
      "ab",
      6);
  std::string raw;
  for (int at = 0; at < 17; ++at) raw += element;
  request.add_raw_input_contents(raw);
  auto cut = request;
  cut.set_raw_input_contents(0, raw.substr(0, raw.size() - 1));
  auto few = request;
  few.set_raw_input_contents(0, raw.substr(0, 12));
  EXPECT_THAT(ask_all({request, cut, few}),
              testing::ElementsAre("input 'features' has datatype BYTES, the model takes FP32",
                                   "input 'features': has raw BYTES that are cut short",
                                   "input 'features': has 2 elements, its shape says 17"));
}

}  // namespace
}  // namespace squall::reference
