// The agent's gRPC service, behind types of ours.
#pragma once

#include <memory>
#include <string>

#include "agent/agent_core.h"
#include "agent/event_bus.h"
#include "agent/probe_sockets.h"
#include "agent/supervisor.h"

namespace squall {

struct ServiceParts {
  const AgentConfig& config;
  AgentCore& core;
  Supervisor& supervisor;
  ProbeSockets& probes;
  EventBus& events;
  const Clock& clock;
};

// Serves from its own threads until destroyed.
class AgentServer {
 public:
  // On the Unix socket of the configuration, which only its owner can open.  A socket file left
  // behind by an agent that died is replaced.
  static Result<AgentServer> start(const ServiceParts& parts);
  AgentServer(AgentServer&&) noexcept;
  AgentServer& operator=(AgentServer&&) noexcept;
  ~AgentServer();

 private:
  struct State;
  explicit AgentServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace squall
