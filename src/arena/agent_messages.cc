// Field by field.
#include "arena/agent_messages.h"

namespace squall {
namespace {

Errc to_errc(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::INVALID_ARGUMENT:
      return Errc::kInvalid;
    case grpc::StatusCode::NOT_FOUND:
      return Errc::kNotFound;
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::UNIMPLEMENTED:
      return Errc::kUnsupported;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return Errc::kTimeout;
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::CANCELLED:
      return Errc::kAborted;
    case grpc::StatusCode::DATA_LOSS:
      return Errc::kDirty;
    default:
      return Errc::kIo;
  }
}

ProcessStatus from_wire(const v1::ProcessStatus& process) {
  return {.name = process.name(),
          .pid = process.pid(),
          .state = process.state(),
          .restarts = process.restarts()};
}

LostLease from_wire(const v1::LostLease& lost) {
  return {.fault = lost.fault_id(), .at = mono_time(lost.lost_mono_ns())};
}

template <typename Rows>
std::vector<ProcessStatus> processes_of(const Rows& rows) {
  std::vector<ProcessStatus> processes;
  for (const v1::ProcessStatus& row : rows) processes.push_back(from_wire(row));
  return processes;
}

template <typename Texts>
std::vector<std::string> texts_of(const Texts& texts) {
  return {texts.begin(), texts.end()};
}

}  // namespace

Error to_error(const grpc::Status& status) {
  // gRPC's own words when the agent hangs; the agent's own say what was not ready.
  if (status.error_message() == "Deadline Exceeded") return {Errc::kTimeout, "no answer in time"};
  return {to_errc(status.error_code()), status.error_message()};
}

v1::Fault to_wire(const Fault& fault) {
  v1::Fault wire;
  wire.set_id(fault.id.get());
  wire.set_kind(fault.kind);
  for (const std::vector<Target>& side : fault.sides) {
    v1::Side& row = *wire.add_sides();
    for (const Target& target : side) {
      v1::Target& entry = *row.add_targets();
      entry.set_node(target.node.get());
      entry.set_process(target.process.get());
    }
  }
  for (const auto& [name, value] : fault.params.all()) {
    if (!value.empty()) (*wire.mutable_params())[name] = value;  // empty: not given
  }
  return wire;
}

v1::StartRequest to_wire(const ProcessStart& process) {
  v1::StartRequest wire;
  wire.set_name(process.name);
  wire.mutable_command()->Assign(process.command.begin(), process.command.end());
  wire.mutable_env()->insert(process.env.begin(), process.env.end());
  wire.mutable_files()->insert(process.files.begin(), process.files.end());
  wire.set_directory(process.directory);
  wire.set_log_path(process.log_path);
  wire.set_restart_on_failure(process.is_restarted_on_failure);
  wire.mutable_ready()->set_http(process.ready_http);
  wire.mutable_ready()->set_tcp(process.ready_tcp);
  wire.mutable_ready()->set_log(process.ready_log);
  wire.set_root(process.root);
  wire.set_keep_capabilities(process.keeps_capabilities);
  return wire;
}

AgentCapabilities from_wire(const v1::CapabilitiesReply& reply) {
  return {.version = reply.version(),
          .kinds = texts_of(reply.kinds()),
          .missing = {reply.missing().begin(), reply.missing().end()},
          .facts = {reply.facts().begin(), reply.facts().end()}};
}

AgentStatus from_wire(const v1::StatusReply& reply) {
  return {.active_faults = texts_of(reply.active_faults()),
          .processes = processes_of(reply.processes()),
          .is_dirty = reply.dirty(),
          .dirty_reason = reply.dirty_reason()};
}

Applied from_wire(const v1::ApplyReply& reply) {
  return {.effects = texts_of(reply.effects()), .at = mono_time(reply.applied_mono_ns())};
}

Healed from_wire(const v1::HealReply& reply) {
  return {.at = mono_time(reply.healed_mono_ns()), .lost = texts_of(reply.lost())};
}

Renewed from_wire(const v1::RenewReply& reply) {
  Renewed renewed{.active = texts_of(reply.active()), .lost = {}};
  for (const v1::LostLease& row : reply.lost()) renewed.lost.push_back(from_wire(row));
  return renewed;
}

AgentObservation from_wire(const v1::ObserveReply& reply) {
  AgentObservation seen;
  for (const v1::PlaneState& row : reply.planes()) {
    seen.planes.push_back({.plane = row.plane(),
                           .desired = row.desired(),
                           .observed = row.observed(),
                           .agrees = row.agrees()});
  }
  for (const v1::FaultCounter& row : reply.counters()) {
    seen.counters.push_back({.fault = row.fault_id(), .what = row.what(), .count = row.count()});
  }
  seen.processes = processes_of(reply.processes());
  seen.at = mono_time(reply.mono_ns());
  return seen;
}

AgentEvent from_wire(const v1::Event& event) {
  AgentEvent seen;
  seen.at = mono_time(event.mono_ns());
  if (event.has_process()) seen.process = from_wire(event.process());
  if (event.has_lost_lease()) seen.lost_lease = from_wire(event.lost_lease());
  seen.note = event.note();
  return seen;
}

}  // namespace squall
