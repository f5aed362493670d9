// gRPC is seen here only.
#include "reference/server/grpc_service.h"

#include <grpcpp/grpcpp.h>

#include <thread>
#include <utility>

#include "reference/server/grpc_codec.h"
#include "squall/v1/open_inference.grpc.pb.h"

namespace squall::reference::server {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

grpc::Status to_status(const Failure& failure) {
  switch (failure.kind) {
    case FailureKind::kInvalid:
      return {grpc::StatusCode::INVALID_ARGUMENT, failure.what};
    case FailureKind::kNotFound:
      return {grpc::StatusCode::NOT_FOUND, failure.what};
    case FailureKind::kUnsupported:
      return {grpc::StatusCode::UNIMPLEMENTED, failure.what};
    case FailureKind::kUnavailable:
      return {grpc::StatusCode::UNAVAILABLE, failure.what};
    case FailureKind::kDeadline:
      return {grpc::StatusCode::DEADLINE_EXCEEDED, failure.what};
    case FailureKind::kInternal:
      return {grpc::StatusCode::INTERNAL, failure.what};
  }
  return {grpc::StatusCode::INTERNAL, failure.what};
}

template <typename T>
grpc::Status status_of(const Outcome<T>& outcome) {
  const auto* const failure = std::get_if<Failure>(&outcome);
  return failure != nullptr ? to_status(*failure) : grpc::Status::OK;
}

// gRPC has turned the relative grpc-timeout into a point of its clock.
std::optional<Duration> time_left(const CallbackServerContext& context) {
  const gpr_timespec deadline = context.raw_deadline();
  if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) >= 0) return std::nullopt;
  const gpr_timespec left = gpr_time_sub(deadline, gpr_now(deadline.clock_type));
  return std::chrono::seconds(left.tv_sec) + std::chrono::nanoseconds(left.tv_nsec);
}

std::string metadata_of(const CallbackServerContext& context, const char* key) {
  const auto& all = context.client_metadata();
  const auto at = all.find(key);
  return at == all.end() ? std::string() : std::string(at->second.data(), at->second.size());
}

class Handlers final : public inference::GRPCInferenceService::CallbackService {
 public:
  Handlers(Loop& loop, InferenceService& service, Rng rng)
      : loop_(loop), service_(service), rng_(rng) {}

  ServerUnaryReactor* ServerLive(CallbackServerContext* context,
                                 const inference::ServerLiveRequest* /*request*/,
                                 inference::ServerLiveResponse* response) override {
    return on_loop(context, [response] {
      response->set_live(true);
      return grpc::Status::OK;
    });
  }

  ServerUnaryReactor* ServerReady(CallbackServerContext* context,
                                  const inference::ServerReadyRequest* /*request*/,
                                  inference::ServerReadyResponse* response) override {
    return on_loop(context, [this, response] {
      response->set_ready(service_.is_ready());
      return grpc::Status::OK;
    });
  }

  ServerUnaryReactor* ModelReady(CallbackServerContext* context,
                                 const inference::ModelReadyRequest* request,
                                 inference::ModelReadyResponse* response) override {
    return on_loop(context, [this, request, response] {
      const Outcome<bool> ready = service_.is_model_ready(request->name(), request->version());
      if (const auto* const value = std::get_if<bool>(&ready)) response->set_ready(*value);
      return status_of(ready);
    });
  }

  ServerUnaryReactor* ServerMetadata(CallbackServerContext* context,
                                     const inference::ServerMetadataRequest* /*request*/,
                                     inference::ServerMetadataResponse* response) override {
    return on_loop(context, [response] {
      response->set_name(std::string(kServerName));
      response->set_version("2");
      return grpc::Status::OK;
    });
  }

  ServerUnaryReactor* ModelMetadata(CallbackServerContext* context,
                                    const inference::ModelMetadataRequest* request,
                                    inference::ModelMetadataResponse* response) override {
    return on_loop(context, [this, request, response] {
      const auto metadata = service_.metadata(request->name(), request->version());
      const auto* const value = std::get_if<server::ModelMetadata>(&metadata);
      if (value != nullptr) write_response(*value, *response);
      return status_of(metadata);
    });
  }

  ServerUnaryReactor* ModelInfer(CallbackServerContext* context,
                                 const inference::ModelInferRequest* request,
                                 inference::ModelInferResponse* response) override {
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    InferCall call;
    call.request_id = metadata_of(*context, "x-request-id");
    call.time_left = time_left(*context);
    const Result<> read = read_request(*request, call);
    if (!read.ok()) {
      reactor->Finish(to_status({FailureKind::kInvalid, read.error().what}));
      return reactor;
    }
    context->AddInitialMetadata("x-served-by", service_.name());
    const std::string trace = metadata_of(*context, "traceparent");
    loop_.post([this, context, request, response, reactor, call = std::move(call), trace] {
      infer(call, trace,
            [context, request, response, reactor](const Outcome<InferAnswer>& outcome) {
              if (const auto* const answer = std::get_if<InferAnswer>(&outcome)) {
                const InferCall names{.model = request->model_name(), .id = request->id()};
                write_response(names, *answer, request->raw_input_contents_size() > 0, *response);
                context->AddTrailingMetadata("x-model-version", answer->version);
              }
              reactor->Finish(status_of(outcome));
            });
    });
    return reactor;
  }

 private:
  template <typename Work>
  ServerUnaryReactor* on_loop(CallbackServerContext* context, Work work) {
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    loop_.post([reactor, work] { reactor->Finish(work()); });
    return reactor;
  }

  void infer(InferCall call, const std::string& trace, InferDone done) {
    call.trace = continue_trace(trace, rng_);
    service_.infer(std::move(call), std::move(done));
  }

  Loop& loop_;
  InferenceService& service_;
  Rng rng_;
};

}  // namespace

struct GrpcService::State {
  State(Loop& on, InferenceService& service, Rng rng) : loop(on), handlers(on, service, rng) {}

  Loop& loop;
  Handlers handlers;
  std::unique_ptr<grpc::Server> server{};
  int port = 0;
  std::thread finisher{};
};

GrpcService::GrpcService(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<GrpcService>> GrpcService::listen(Loop& loop, InferenceService& service,
                                                         const Endpoint& at, Rng rng) {
  auto state = std::make_unique<State>(loop, service, rng);
  grpc::ServerBuilder builder;
  // Without it, two servers may listen on one port and share its calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort(to_text(at), grpc::InsecureServerCredentials(), &state->port);
  builder.RegisterService(&state->handlers);
  state->server = builder.BuildAndStart();
  if (!state->server || state->port == 0) {
    return Error{Errc::kIo, "listen on " + to_text(at) + ": gRPC cannot"};
  }
  return std::unique_ptr<GrpcService>(new GrpcService(std::move(state)));
}

GrpcService::~GrpcService() {
  if (state_->finisher.joinable()) {
    state_->finisher.join();
  } else if (state_->server) {
    state_->server->Shutdown(gpr_now(GPR_CLOCK_MONOTONIC));
  }
}

std::uint16_t GrpcService::port() const {
  return static_cast<std::uint16_t>(state_->port);
}

// Shutdown waits for calls, and those are answered on the loop: so it waits elsewhere.
void GrpcService::finish(std::function<void()> done) {
  state_->finisher = std::thread([state = state_.get(), done = std::move(done)] {
    state->server->Shutdown(gpr_now(GPR_CLOCK_MONOTONIC));
    state->loop.post(done);
  });
}

}  // namespace squall::reference::server
