// The gRPC service: translates messages, decides nothing.
#include "agent/agent_service.h"

#include <grpcpp/grpcpp.h>
#include <sys/stat.h>

#include <filesystem>

#include "agent/service_capabilities.h"
#include "base/version.h"
#include "injectors/injector.h"
#include "squall/v1/agent.grpc.pb.h"

namespace squall {
namespace {

namespace v1 = ::squall::v1;
using grpc::ServerContext;

// How long a watcher waits before it looks whether its caller is still there.
constexpr Duration kWatchLook = std::chrono::seconds(1);
// Waits of the service are cut here, so that a shutdown is never held up for longer.
constexpr Duration kMaxWait = std::chrono::minutes(5);

grpc::Status to_status(const Error& error) {
  using Code = grpc::StatusCode;
  Code code = Code::INTERNAL;
  switch (error.code) {
    case Errc::kInvalid:
      code = Code::INVALID_ARGUMENT;
      break;
    case Errc::kNotFound:
      code = Code::NOT_FOUND;
      break;
    case Errc::kUnsupported:
      code = Code::UNIMPLEMENTED;
      break;
    case Errc::kIo:
      code = Code::INTERNAL;
      break;
    case Errc::kTimeout:
      code = Code::DEADLINE_EXCEEDED;
      break;
    case Errc::kAborted:
      code = Code::ABORTED;
      break;
    case Errc::kDirty:
      code = Code::DATA_LOSS;
      break;
  }
  return {code, error.what};
}

Result<Fault> from_message(const v1::Fault& message) {
  std::vector<std::vector<Target>> sides;
  for (const v1::Side& side : message.sides()) {
    sides.emplace_back();
    for (const v1::Target& target : side.targets()) {
      sides.back().push_back({NodeName(target.node()), ProcessName(target.process())});
    }
  }
  if (message.id().empty()) return Error{Errc::kInvalid, "a fault needs an id"};
  return make_fault(FaultId(message.id()), message.kind(), std::move(sides),
                    {message.params().begin(), message.params().end()});
}

StackProcess from_message(const v1::StartRequest& message) {
  StackProcess process;
  process.name = ProcessName(message.name());
  process.command.assign(message.command().begin(), message.command().end());
  process.env = {message.env().begin(), message.env().end()};
  process.files = {message.files().begin(), message.files().end()};
  process.directory = message.directory();
  process.log_path = message.log_path();
  process.is_restarted_on_failure = message.restart_on_failure();
  process.ready = {message.ready().http(), message.ready().tcp(), message.ready().log()};
  process.root = message.root();
  process.keeps_capabilities = message.keep_capabilities();
  return process;
}

void fill(const StackProcessStatus& status, v1::ProcessStatus& message) {
  message.set_name(status.name);
  message.set_pid(status.pid);
  message.set_state(status.state);
  message.set_restarts(status.restarts);
}

void fill(const NodeEvent& event, v1::Event& message) {
  message.set_mono_ns(event.at.ns());
  if (const auto* process = std::get_if<StackProcessStatus>(&event.what)) {
    fill(*process, *message.mutable_process());
  } else if (const auto* lapsed = std::get_if<LapsedLease>(&event.what)) {
    message.mutable_lost_lease()->set_fault_id(lapsed->fault.get());
    message.mutable_lost_lease()->set_lost_mono_ns(lapsed->at.ns());
  } else {
    message.set_note(std::get<NodeNote>(event.what).text);
  }
}

class AgentService final : public v1::Agent::Service {
 public:
  explicit AgentService(const ServiceParts& parts) : parts_(parts) {}

  grpc::Status Capabilities(ServerContext*, const v1::CapabilitiesRequest*,
                            v1::CapabilitiesReply* reply) override {
    const NodeCapabilities found = probe_capabilities(parts_.config);
    reply->set_version(kVersion);
    for (const std::string& kind : found.kinds) reply->add_kinds(kind);
    reply->mutable_missing()->insert(found.missing.begin(), found.missing.end());
    reply->mutable_facts()->insert(found.facts.begin(), found.facts.end());
    return grpc::Status::OK;
  }

  grpc::Status Status(ServerContext*, const v1::StatusRequest*, v1::StatusReply* reply) override {
    const FaultsStatus status = parts_.core.status();
    for (const FaultId& fault : status.active) reply->add_active_faults(fault.get());
    reply->set_lease_left_ns(status.lease_left ? status.lease_left->count() : -1);
    reply->set_dirty(status.is_dirty);
    reply->set_dirty_reason(status.dirty_reason);
    add_processes(*reply->mutable_processes());
    return grpc::Status::OK;
  }

  grpc::Status Apply(ServerContext*, const v1::ApplyRequest* request,
                     v1::ApplyReply* reply) override {
    const Result<Fault> fault = from_message(request->fault());
    if (!fault.ok()) return to_status(fault.error());
    const Result<AppliedFault> applied = parts_.core.apply(*fault, Duration(request->lease_ns()));
    if (!applied.ok()) return to_status(applied.error());
    for (const std::string& effect : applied->effects) reply->add_effects(effect);
    reply->set_applied_mono_ns(applied->at.ns());
    return grpc::Status::OK;
  }

  grpc::Status Heal(ServerContext*, const v1::HealRequest* request, v1::HealReply* reply) override {
    return answer_heal(parts_.core.heal(FaultId(request->fault_id())), *reply);
  }

  grpc::Status HealAll(ServerContext*, const v1::HealAllRequest*, v1::HealReply* reply) override {
    return answer_heal(parts_.core.heal_all(), *reply);
  }

  grpc::Status Renew(ServerContext*, const v1::RenewRequest* request,
                     v1::RenewReply* reply) override {
    const Result<RenewedLeases> renewed = parts_.core.renew(Duration(request->lease_ns()));
    if (!renewed.ok()) return to_status(renewed.error());
    for (const FaultId& fault : renewed->active) reply->add_active(fault.get());
    for (const LapsedLease& lapsed : renewed->lost) {
      v1::LostLease* lost = reply->add_lost();
      lost->set_fault_id(lapsed.fault.get());
      lost->set_lost_mono_ns(lapsed.at.ns());
    }
    return grpc::Status::OK;
  }

  grpc::Status Observe(ServerContext*, const v1::ObserveRequest*,
                       v1::ObserveReply* reply) override {
    const Result<NodeView> view = parts_.core.observe();
    if (!view.ok()) return to_status(view.error());
    for (const PlaneView& plane : view->planes) {
      v1::PlaneState* state = reply->add_planes();
      state->set_plane(plane.plane);
      state->set_desired(plane.desired);
      state->set_observed(plane.observed);
      state->set_agrees(plane.desired == plane.observed);
    }
    for (const CounterView& counter : view->counters) {
      v1::FaultCounter* row = reply->add_counters();
      row->set_fault_id(counter.fault.get());
      row->set_what(counter.what);
      row->set_count(counter.count);
    }
    add_processes(*reply->mutable_processes());
    reply->set_mono_ns(view->at.ns());
    return grpc::Status::OK;
  }

  grpc::Status Start(ServerContext*, const v1::StartRequest* request,
                     v1::StartReply* reply) override {
    const Result<ProcessId> started = parts_.supervisor.start(from_message(*request));
    if (!started.ok()) return to_status(started.error());
    reply->set_pid(started->pid);
    return grpc::Status::OK;
  }

  grpc::Status WaitReady(ServerContext*, const v1::WaitReadyRequest* request,
                         v1::WaitReadyReply* reply) override {
    const Duration within = std::min(Duration(request->within_ns()), kMaxWait);
    const Result<MonoTime> ready =
        parts_.supervisor.wait_ready(ProcessName(request->name()), within);
    if (!ready.ok()) return to_status(ready.error());
    reply->set_ready_mono_ns(ready->ns());
    return grpc::Status::OK;
  }

  grpc::Status Stop(ServerContext*, const v1::StopRequest* request, v1::StopReply*) override {
    const Duration grace = std::min(Duration(request->grace_ns()), kMaxWait);
    const Result<> stopped = parts_.supervisor.stop(ProcessName(request->name()), grace);
    return stopped.ok() ? grpc::Status::OK : to_status(stopped.error());
  }

  grpc::Status SendProbes(ServerContext*, const v1::SendProbesRequest* request,
                          v1::SendProbesReply* reply) override {
    for (const v1::Probe& probe : request->probes()) {
      const Result<MonoTime> sent = parts_.probes.send(probe.nonce(), probe.address());
      if (!sent.ok()) {
        reply->add_failed(probe.nonce() + ": " + sent.error().what);
      } else {
        (*reply->mutable_sent_mono_ns())[probe.nonce()] = sent->ns();
      }
    }
    return grpc::Status::OK;
  }

  grpc::Status SeenProbes(ServerContext*, const v1::SeenProbesRequest* request,
                          v1::SeenProbesReply* reply) override {
    const std::vector<std::string> nonces(request->nonces().begin(), request->nonces().end());
    const Duration wait = std::min(Duration(request->wait_ns()), kMaxWait);
    for (const auto& [nonce, at] : parts_.probes.seen(nonces, wait)) {
      reply->add_seen(nonce);
      (*reply->mutable_seen_mono_ns())[nonce] = at.ns();
    }
    return grpc::Status::OK;
  }

  grpc::Status Watch(ServerContext* context, const v1::WatchRequest*,
                     grpc::ServerWriter<v1::Event>* writer) override {
    const auto subscription = parts_.events.subscribe();
    // A first answer, so that the caller knows that nothing is missed from here on.
    (void)writer->SendInitialMetadata();
    while (!context->IsCancelled() && !subscription->is_closed()) {
      const std::optional<NodeEvent> event = subscription->next(kWatchLook);
      if (!event) continue;
      v1::Event message;
      fill(*event, message);
      if (!writer->Write(message)) break;  // the caller has gone
    }
    return grpc::Status::OK;
  }

 private:
  static grpc::Status answer_heal(const Result<HealedFaults>& healed, v1::HealReply& reply) {
    if (!healed.ok()) return to_status(healed.error());
    reply.set_healed_mono_ns(healed->at.ns());
    for (const FaultId& fault : healed->lost) reply.add_lost(fault.get());
    return grpc::Status::OK;
  }

  template <typename Messages>
  void add_processes(Messages& messages) {
    for (StackProcessStatus& status : parts_.supervisor.status()) {
      const bool is_running = status.state == "running";
      if (is_running && parts_.core.is_paused(ProcessName(status.name))) status.state = "paused";
      fill(status, *messages.Add());
    }
  }

  ServiceParts parts_;
};

Result<> make_private_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return Error{Errc::kIo, "make " + path + ": " + error.message()};
  if (::chmod(path.c_str(), S_IRWXU) != 0) return errno_error("chmod " + path);
  return {};
}

}  // namespace

struct AgentServer::State {
  explicit State(const ServiceParts& parts)
      : service(parts), events(parts.events), supervisor(parts.supervisor), probes(parts.probes) {}
  AgentService service;
  EventBus& events;
  Supervisor& supervisor;
  ProbeSockets& probes;
  std::unique_ptr<grpc::Server> server;
};

AgentServer::AgentServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
AgentServer::AgentServer(AgentServer&&) noexcept = default;
AgentServer& AgentServer::operator=(AgentServer&&) noexcept = default;

AgentServer::~AgentServer() {
  if (!state_ || !state_->server) return;
  state_->events.close();  // lets watchers go home, and those who wait
  state_->supervisor.close();
  state_->probes.close();
  state_->server->Shutdown(std::chrono::system_clock::time_point{});  // at once
  state_->server->Wait();
}

Result<AgentServer> AgentServer::start(const ServiceParts& parts) {
  const std::filesystem::path path(parts.config.socket);
  TRY(make_private_folder(path.parent_path().string()));
  auto state = std::make_unique<State>(parts);
  grpc::ServerBuilder builder;
  builder.AddListeningPort("unix:" + path.string(), grpc::InsecureServerCredentials());
  builder.RegisterService(&state->service);
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
  const mode_t before = ::umask(S_IRWXG | S_IRWXO);
  state->server = builder.BuildAndStart();
  (void)::umask(before);
  if (!state->server) return Error{Errc::kIo, "cannot serve on '" + path.string() + "'"};
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) return errno_error("chmod " + path.string());
  return AgentServer(std::move(state));
}

}  // namespace squall
