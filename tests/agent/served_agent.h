// A whole agent behind its socket, forked by a launcher; and the fixture of the tests that call it.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "agent/agent_config.h"
#include "squall/v1/agent.grpc.pb.h"
#include "tests/agent/real_agent.h"
#include "tests/support/own_namespaces.h"

namespace squall {

// Forks agents, and orchestrators that apply and renew, on request.  It is forked itself before
// this program uses gRPC: a process that has used it cannot fork another one that does.
class Launcher {
 public:
  static Launcher& the();
  pid_t start_agent(const Fd& netns, const std::string& config);
  // Applies kServedFaults to the agent at `socket` and renews their leases until it is killed.
  pid_t start_orchestrator(const std::string& socket);
  // Sends the signal and returns how the process ended, as waitpid() says.
  int end(pid_t process, int signal);

 private:
  Launcher();
  int ask(const std::string& request);
  Fd ours_;
};

// What a launcher's orchestrator applies, and for how long at a time.
inline constexpr const char* kServedFaults[] = {"network.partition cut: left | right",
                                                "process.pause hold: left/sleeper"};
inline constexpr Duration kServedLease = std::chrono::seconds(1);

std::unique_ptr<v1::Agent::Stub> connect_to_agent(const std::string& socket);
// "ok", or what the agent said.
std::string apply_by(v1::Agent::Stub& stub, const std::string& line, Duration lease);
std::unique_ptr<grpc::ClientContext> fresh_context();

class ServiceKernelTest : public KernelTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  void start_agent();
  int end_agent(int signal);
  static std::unique_ptr<grpc::ClientContext> fresh() { return fresh_context(); }
  // "sleep 60", as the process "sleeper".
  [[nodiscard]] v1::StartRequest sleeper_request() const;
  pid_t start(const v1::StartRequest& request);
  pid_t start_sleeper() { return start(sleeper_request()); }
  // The only process there is.
  v1::ProcessStatus sleeper();
  std::string apply(const std::string& line, Duration lease = std::chrono::seconds(5)) {
    return apply_by(*stub_, line, lease);
  }

  TwoNodes nodes;
  TemporaryFolder folder;
  AgentConfig config;
  std::unique_ptr<v1::Agent::Stub> stub_;
  pid_t agent_ = 0;
  v1::StopReply nothing_;
};

}  // namespace squall
