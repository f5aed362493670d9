// The wire's messages as our types and back.  For agent_client.cc: it includes gRPC.
#pragma once

#include <grpcpp/support/status.h>

#include <cstdint>

#include "arena/agent_client.h"
#include "squall/v1/agent.pb.h"

namespace squall {

[[nodiscard]] inline MonoTime mono_time(std::int64_t ns) {
  return {.since_epoch = Duration(ns)};
}

// The counterpart of the agent's service: its text, and the code that it was given for.
[[nodiscard]] Error to_error(const grpc::Status& status);

// A map of nonces to ns.
template <typename Map>
[[nodiscard]] ProbeTimes times_of(const Map& map) {
  ProbeTimes times;
  for (const auto& [nonce, ns] : map) times[nonce] = mono_time(ns);
  return times;
}

[[nodiscard]] v1::Fault to_wire(const Fault& fault);
[[nodiscard]] v1::StartRequest to_wire(const ProcessStart& process);

[[nodiscard]] AgentCapabilities from_wire(const v1::CapabilitiesReply& reply);
[[nodiscard]] AgentStatus from_wire(const v1::StatusReply& reply);
[[nodiscard]] Applied from_wire(const v1::ApplyReply& reply);
[[nodiscard]] Healed from_wire(const v1::HealReply& reply);
[[nodiscard]] Renewed from_wire(const v1::RenewReply& reply);
[[nodiscard]] AgentObservation from_wire(const v1::ObserveReply& reply);
[[nodiscard]] AgentEvent from_wire(const v1::Event& event);

}  // namespace squall
