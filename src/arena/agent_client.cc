// gRPC over a Unix socket, one deadline per call, errors that name the node.
#include "arena/agent_client.h"

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "arena/agent_messages.h"
#include "squall/v1/agent.grpc.pb.h"

namespace squall {
namespace {

// A reconcile takes milliseconds, a freeze up to seconds; ten of them mean a hung agent.
constexpr Duration kCall = std::chrono::seconds(10);
// A hung agent must not keep its neighbours' leases waiting: two renewals fit into one lease.
constexpr Duration kRenewCall = std::chrono::milliseconds(1500);
// What a call that waits at the agent may take beyond the wait itself.
constexpr Duration kGrace = std::chrono::seconds(5);
constexpr Duration kRetry = std::chrono::milliseconds(20);
constexpr int kReconnectMinMs = 20;
constexpr int kReconnectMaxMs = 200;
constexpr int kMaxMessage = 64 << 20;

gpr_timespec deadline_in(Duration timeout) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_nanos(timeout.count(), GPR_TIMESPAN));
}

std::shared_ptr<grpc::Channel> open_channel(const std::string& socket) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMinMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectMaxMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMaxMs);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(kMaxMessage);
  // Unauthenticated: only our own user can open the socket.
  return grpc::CreateCustomChannel("unix:" + socket, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

struct AgentClient::State {
  State(std::string name, const std::string& socket)
      : node(std::move(name)), channel(open_channel(socket)), stub(v1::Agent::NewStub(channel)) {}

  // One unary call.  `method` is a member of the stub.
  template <typename Reply, typename Request>
  Result<Reply> call(const char* what,
                     grpc::Status (v1::Agent::Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Reply*),
                     const Request& request, Duration timeout = kCall) {
    grpc::ClientContext context;
    context.set_deadline(deadline_in(timeout));
    Reply reply;
    const grpc::Status status = ((*stub).*method)(&context, request, &reply);
    if (status.ok()) return reply;
    return to_error(status).in("agent of '" + node + "': " + what);
  }

  void watch_until_stopped(const std::function<void(const AgentEvent&)>& on_event) {
    while (begin_watch()) {
      v1::Event event;
      const auto stream = stub->Watch(watch_context.get(), v1::WatchRequest());
      while (stream->Read(&event)) on_event(from_wire(event));
      (void)stream->Finish();  // an agent that went away: we come back
      end_watch();
    }
  }

  // False: the client is being destroyed.
  bool begin_watch() {
    const std::lock_guard lock(mutex);
    if (is_stopped) return false;
    watch_context = std::make_unique<grpc::ClientContext>();
    watch_context->set_wait_for_ready(true);
    return true;
  }

  void end_watch() {
    std::unique_lock lock(mutex);
    watch_context.reset();
    (void)stopped.wait_for(lock, kRetry, [&] { return is_stopped; });
  }

  void stop_watching() {
    {
      const std::lock_guard lock(mutex);
      is_stopped = true;
      if (watch_context) watch_context->TryCancel();
    }
    stopped.notify_all();
    if (watcher.joinable()) watcher.join();
  }

  std::string node;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::Agent::Stub> stub;

  std::mutex mutex;
  std::condition_variable stopped;
  bool is_stopped = false;
  std::unique_ptr<grpc::ClientContext> watch_context;
  std::thread watcher;
};

AgentClient::AgentClient(std::string node, const std::string& socket)
    : state_(std::make_unique<State>(std::move(node), socket)) {}

AgentClient::~AgentClient() {
  state_->stop_watching();
}

Result<> AgentClient::wait_until_up(Duration within) {
  // Waiting for the channel alone would believe in a connection to an agent that has just died.
  const gpr_timespec deadline = deadline_in(within);
  for (;;) {
    grpc::ClientContext context;
    context.set_deadline(deadline);
    context.set_wait_for_ready(true);
    v1::StatusReply reply;
    const grpc::Status status = state_->stub->Status(&context, v1::StatusRequest(), &reply);
    if (status.ok()) return {};
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE) {
      return to_error(status).in("agent of '" + state_->node + "' is not up");
    }
    if (gpr_time_cmp(gpr_now(GPR_CLOCK_MONOTONIC), deadline) >= 0) {
      return Error{Errc::kTimeout, "agent of '" + state_->node + "' is not up"};
    }
  }
}

Result<AgentCapabilities> AgentClient::capabilities() {
  return from_wire(
      TRY(state_->call("capabilities", &v1::Agent::Stub::Capabilities, v1::CapabilitiesRequest())));
}

Result<AgentStatus> AgentClient::status() {
  return from_wire(TRY(state_->call("status", &v1::Agent::Stub::Status, v1::StatusRequest())));
}

Result<Applied> AgentClient::apply(const Fault& fault, Duration lease) {
  v1::ApplyRequest request;
  *request.mutable_fault() = to_wire(fault);
  request.set_lease_ns(lease.count());
  const std::string what = "apply '" + fault.id.get() + "'";
  return from_wire(TRY(state_->call(what.c_str(), &v1::Agent::Stub::Apply, request)));
}

Result<Healed> AgentClient::heal(const FaultId& fault) {
  v1::HealRequest request;
  request.set_fault_id(fault.get());
  const std::string what = "heal '" + fault.get() + "'";
  return from_wire(TRY(state_->call(what.c_str(), &v1::Agent::Stub::Heal, request)));
}

Result<Healed> AgentClient::heal_all() {
  return from_wire(TRY(state_->call("heal all", &v1::Agent::Stub::HealAll, v1::HealAllRequest())));
}

Result<Renewed> AgentClient::renew(Duration lease) {
  v1::RenewRequest request;
  request.set_lease_ns(lease.count());
  return from_wire(TRY(state_->call("renew", &v1::Agent::Stub::Renew, request, kRenewCall)));
}

Result<AgentObservation> AgentClient::observe() {
  return from_wire(TRY(state_->call("observe", &v1::Agent::Stub::Observe, v1::ObserveRequest())));
}

Result<int> AgentClient::start(const ProcessStart& process) {
  const std::string what = "start '" + process.name + "'";
  const v1::StartReply reply =
      TRY(state_->call(what.c_str(), &v1::Agent::Stub::Start, to_wire(process)));
  return reply.pid();
}

Result<MonoTime> AgentClient::wait_ready(const std::string& process, Duration within) {
  v1::WaitReadyRequest request;
  request.set_name(process);
  request.set_within_ns(within.count());
  const std::string what = "wait for '" + process + "'";
  const v1::WaitReadyReply reply =
      TRY(state_->call(what.c_str(), &v1::Agent::Stub::WaitReady, request, within + kGrace));
  return mono_time(reply.ready_mono_ns());
}

Result<> AgentClient::stop(const std::string& process, Duration grace) {
  v1::StopRequest request;
  request.set_name(process);
  request.set_grace_ns(grace.count());
  const std::string what = process.empty() ? "stop all" : "stop '" + process + "'";
  (void)TRY(state_->call(what.c_str(), &v1::Agent::Stub::Stop, request, grace + kGrace));
  return {};
}

Result<ProbeTimes> AgentClient::send_probes(const std::map<std::string, std::string>& probes) {
  v1::SendProbesRequest request;
  for (const auto& [nonce, address] : probes) {
    v1::Probe& probe = *request.add_probes();
    probe.set_nonce(nonce);
    probe.set_address(address);
  }
  // A probe that a fault refuses to send is an answer, not an error: it will not be seen.
  return times_of(
      TRY(state_->call("send probes", &v1::Agent::Stub::SendProbes, request)).sent_mono_ns());
}

Result<ProbeTimes> AgentClient::seen_probes(const std::vector<std::string>& nonces, Duration wait) {
  v1::SeenProbesRequest request;
  request.mutable_nonces()->Assign(nonces.begin(), nonces.end());
  request.set_wait_ns(wait.count());
  const v1::SeenProbesReply reply =
      TRY(state_->call("seen probes", &v1::Agent::Stub::SeenProbes, request, wait + kGrace));
  return times_of(reply.seen_mono_ns());
}

void AgentClient::watch(std::function<void(const AgentEvent&)> on_event) {
  CHECK(!state_->watcher.joinable());
  state_->watcher = std::thread([state = state_.get(), handler = std::move(on_event)] {
    state->watch_until_stopped(handler);
  });
}

}  // namespace squall
