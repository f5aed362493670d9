// The wire's messages as our types and back.
#include "arena/agent_messages.h"

#include <gtest/gtest.h>

namespace squall {
namespace {

std::string wire_text(const google::protobuf::Message& message) {
  return message.ShortDebugString();
}

Errc code_of(grpc::StatusCode code) {
  return to_error(grpc::Status(code, "why")).code;
}

TEST(AgentMessages, ErrorsKeepTheirCodeAndTheAgentsWords) {
  EXPECT_EQ(code_of(grpc::StatusCode::INVALID_ARGUMENT), Errc::kInvalid);
  EXPECT_EQ(code_of(grpc::StatusCode::NOT_FOUND), Errc::kNotFound);
  EXPECT_EQ(code_of(grpc::StatusCode::UNIMPLEMENTED), Errc::kUnsupported);
  EXPECT_EQ(code_of(grpc::StatusCode::FAILED_PRECONDITION), Errc::kUnsupported);
  EXPECT_EQ(code_of(grpc::StatusCode::DEADLINE_EXCEEDED), Errc::kTimeout);
  EXPECT_EQ(code_of(grpc::StatusCode::ABORTED), Errc::kAborted);
  EXPECT_EQ(code_of(grpc::StatusCode::DATA_LOSS), Errc::kDirty);
  EXPECT_EQ(code_of(grpc::StatusCode::UNAVAILABLE), Errc::kIo);
  EXPECT_EQ(to_error(grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "etcd is not ready")).what,
            "etcd is not ready");
  EXPECT_EQ(to_error(grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "Deadline Exceeded")).what,
            "no answer in time");
}

TEST(AgentMessages, AFaultTravelsWithItsSidesAndParameters) {
  static constexpr ParamSpec kSpecs[] = {{"direction", ParamType::kText, "both", "Which way.", ""}};
  Fault fault;
  fault.id = FaultId("cut");
  fault.kind = "network.partition";
  fault.sides = {{{NodeName("e1"), ProcessName("")}},
                 {{NodeName("e2"), ProcessName("etcd")}, {NodeName("e3"), ProcessName("")}}};
  fault.params = make_params(kSpecs, std::map<std::string, std::string>{}).value();
  EXPECT_EQ(wire_text(to_wire(fault)),
            "id: \"cut\" kind: \"network.partition\" "
            "sides { targets { node: \"e1\" } } "
            "sides { targets { node: \"e2\" process: \"etcd\" } targets { node: \"e3\" } } "
            "params { key: \"direction\" value: \"both\" }");
}

TEST(AgentMessages, AnEventSaysOnlyWhatHappened) {
  v1::Event wire;
  wire.set_mono_ns(42);
  wire.mutable_lost_lease()->set_fault_id("cut");
  wire.mutable_lost_lease()->set_lost_mono_ns(40);
  const AgentEvent event = from_wire(wire);
  EXPECT_EQ(event.at.ns(), 42);
  EXPECT_EQ(event.lost_lease.fault, "cut");
  EXPECT_EQ(event.lost_lease.at.ns(), 40);
  EXPECT_EQ(event.process.name + event.note, "");
}

TEST(AgentMessages, AProcessStartKeepsEveryField) {
  ProcessStart start;
  start.name = "etcd";
  start.command = {"etcd", "--name", "e1"};
  start.env = {{"A", "b"}};
  start.files = {{"/x/conf", "y"}};
  start.directory = "/x";
  start.log_path = "/x/log";
  start.is_restarted_on_failure = true;
  start.ready_http = "http://198.18.1.1:2379/health";
  start.root = "/image";
  start.keeps_capabilities = true;
  EXPECT_EQ(wire_text(to_wire(start)),
            "name: \"etcd\" command: \"etcd\" command: \"--name\" command: \"e1\" "
            "env { key: \"A\" value: \"b\" } files { key: \"/x/conf\" value: \"y\" } "
            "directory: \"/x\" log_path: \"/x/log\" restart_on_failure: true "
            "ready { http: \"http://198.18.1.1:2379/health\" } root: \"/image\" "
            "keep_capabilities: true");
}

}  // namespace
}  // namespace squall
