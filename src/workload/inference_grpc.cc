// Inference calls over gRPC, and their error table.  Calls run on gRPC's own threads.
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>

#include <atomic>
#include <bit>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <set>

#include "history/utf8.h"
#include "squall/v1/open_inference.grpc.pb.h"
#include "workload/inference_transport.h"

namespace squall {
namespace {

static_assert(std::endian::native == std::endian::little, "raw tensors are little-endian");

// gRPC waits up to two minutes before it tries a server again.  A region that was cut and healed
// would look down for as long.
constexpr int kFirstReconnectMs = 100;
constexpr int kLastReconnectMs = 500;
constexpr std::size_t kMaxErrorText = 200;

std::string_view view(const grpc::string_ref& text) {
  return {text.data(), text.size()};
}

// gRPC makes these itself when a connection breaks or a deadline passes, so nobody knows.
bool may_be_local(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::DATA_LOSS:
      return true;
    default:
      return false;
  }
}

Answer error_answer(const grpc::Status& status) {
  const std::string& said = status.error_message();
  const std::string text = "gRPC " + std::to_string(static_cast<int>(status.error_code())) + ": " +
                           to_utf8(said.substr(0, kMaxErrorText));
  const bool is_unreachable = status.error_code() == grpc::StatusCode::UNAVAILABLE &&
                              said.starts_with("failed to connect to all addresses");
  if (is_unreachable || !may_be_local(status.error_code())) return fail(text);
  return info(text);
}

Result<std::vector<double>> output_row(const InferenceShape& shape,
                                       const inference::ModelInferResponse& response) {
  for (int i = 0; i < response.outputs_size(); ++i) {
    const auto& output = response.outputs(i);
    if (output.name() != shape.output_tensor) continue;
    if (i >= response.raw_output_contents_size()) {
      const auto& typed = output.contents().fp32_contents();
      if (typed.empty()) return Error{Errc::kInvalid, "reply: the output has no FP32 data"};
      return std::vector<double>(typed.begin(), typed.end());
    }
    const std::string& raw = response.raw_output_contents(i);
    std::vector<float> numbers(raw.size() / sizeof(float));
    if (numbers.empty() || raw.size() % sizeof(float) != 0) {
      return Error{Errc::kInvalid, "reply: the output has no FP32 data"};
    }
    std::memcpy(numbers.data(), raw.data(), raw.size());
    return std::vector<double>(numbers.begin(), numbers.end());
  }
  return Error{Errc::kInvalid, "reply: no output '" + shape.output_tensor + "'"};
}

inference::ModelInferRequest to_message(const InferenceShape& shape, const InferenceQuery& query) {
  inference::ModelInferRequest message;
  message.set_model_name(shape.model);
  message.set_model_version(shape.version);
  message.set_id(query.request.id);
  auto* input = message.add_inputs();
  input->set_name(shape.input_tensor);
  input->set_datatype("FP32");
  input->add_shape(1);
  input->add_shape(shape.columns);
  message.add_outputs()->set_name(shape.output_tensor);
  const std::vector<float> row = input_row(query.request, shape.columns);
  std::string raw(row.size() * sizeof(float), '\0');
  std::memcpy(raw.data(), row.data(), raw.size());
  message.add_raw_input_contents(std::move(raw));
  return message;
}

class Call;

// The calls under way, so that all can be ended.
class Calls {
 public:
  Calls() = default;
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;
  ~Calls();
  void begin(Call* call) {
    const std::scoped_lock lock(mutex_);
    (void)under_way_.insert(call);
  }
  // gRPC is done with it: it is not cancelled any more.  False: nobody waits for its answer.
  [[nodiscard]] bool begin_end(Call* call) {
    const std::scoped_lock lock(mutex_);
    under_way_.erase(call);
    ++ending_;
    return !is_closing_;
  }
  // The last thing that a call does with us and with what we are part of.
  void end() {
    const std::scoped_lock lock(mutex_);
    if (--ending_ == 0 && under_way_.empty()) none_.notify_all();
  }

 private:
  std::mutex mutex_{};
  std::condition_variable none_{};
  std::set<Call*> under_way_{};
  std::size_t ending_ = 0;
  bool is_closing_ = false;
};

using Ended = std::function<void(const grpc::Status& status, Answer answer)>;

// Deletes itself after its end, as gRPC's reactors do.
class Call : public grpc::ClientUnaryReactor {
 public:
  Call(Calls& calls, const InferenceShape& shape, const InferenceQuery& query, Ended ended)
      : calls_(calls),
        shape_(shape),
        asked_(query.request),
        ended_(std::move(ended)),
        message_(to_message(shape, query)) {
    for (const auto& [name, value] : request_fields(query)) context_.AddMetadata(name, value);
  }

  void start(inference::GRPCInferenceService::Stub& stub, MonoTime deadline) {
    calls_.begin(this);
    // Not the wall clock, which a fault may have moved.
    const Duration left = std::max(deadline - system_clock().mono(), Duration::zero());
    context_.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                       gpr_time_from_nanos(left.count(), GPR_TIMESPAN)));
    stub.async()->ModelInfer(&context_, &message_, &response_, this);
    StartCall();
  }
  void cancel() { context_.TryCancel(); }

  void OnReadInitialMetadataDone(bool is_there) override {
    if (is_there) first_byte_ = system_clock().mono();
  }
  void OnDone(const grpc::Status& status) override {
    std::unique_ptr<Call> owned(this);
    Calls& calls = calls_;
    Answer answer = status.ok() ? reply() : error_answer(status);
    if (answer.kind == RecordedEvent::Kind::kOk) answer.first_byte = first_byte_;
    if (calls.begin_end(this)) ended_(status, std::move(answer));
    // Our context holds the channel.  Were it the last to do so, this thread of gRPC's would end
    // the channel, and with it wait for itself.
    owned.reset();
    calls.end();
  }

 private:
  Answer reply() {
    const Result<std::vector<double>> row = output_row(shape_, response_);
    if (!row.ok()) return info(row.error().what);
    InferenceReply reply{.id = response_.id(), .version = response_.model_version()};
    read_outputs(*row, reply);
    const auto field = [this](std::string_view name) -> std::string_view {
      const grpc::string_ref key(name.data(), name.size());
      for (const auto* said :
           {&context_.GetServerInitialMetadata(), &context_.GetServerTrailingMetadata()}) {
        const auto found = said->find(key);
        if (found != said->end()) return view(found->second);
      }
      return {};
    };
    read_fields(field, reply);
    return ok(to_json(asked_, reply));
  }

  Calls& calls_;
  const InferenceShape& shape_;
  InferenceRequest asked_;
  Ended ended_;
  grpc::ClientContext context_{};
  inference::ModelInferRequest message_;
  inference::ModelInferResponse response_{};
  MonoTime first_byte_{};
};

Calls::~Calls() {
  std::unique_lock lock(mutex_);
  is_closing_ = true;
  for (Call* call : under_way_) call->cancel();
  none_.wait(lock, [this] { return under_way_.empty() && ending_ == 0; });
}

class GrpcServers {
 public:
  GrpcServers(const InferenceServers& servers, InferenceShape shape)
      : spread_(servers.spread), shape_(std::move(shape)) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // a retry would hide what we are here to see
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLastReconnectMs);
    for (const SocketAddress& server : servers.addresses) {
      const std::string target = family_of(server.ip) == IpFamily::kV6 ? "ipv6:[" + server.ip + "]:"
                                                                       : "ipv4:" + server.ip + ":";
      const auto channel = grpc::CreateCustomChannel(target + std::to_string(server.port),
                                                     grpc::InsecureChannelCredentials(), arguments);
      (void)channel->GetState(true);  // begins to connect
      stubs_.push_back(inference::GRPCInferenceService::NewStub(channel));
    }
  }

  void send(const InferenceQuery& query, MonoTime deadline, Done done) {
    const std::size_t at = spread_ == Spread::kFirst ? current_.load() % stubs_.size()
                                                     : current_.fetch_add(1) % stubs_.size();
    const auto ended = [this, at, done = std::move(done)](const grpc::Status& status,
                                                          Answer answer) {
      if (!status.ok() && may_be_local(status.error_code())) leave(at);
      done(std::move(answer));
    };
    std::make_unique<Call>(calls_, shape_, query, ended).release()->start(*stubs_[at], deadline);
  }

 private:
  void leave(std::size_t at) {
    if (spread_ == Spread::kFirst)
      (void)current_.compare_exchange_strong(at, (at + 1) % stubs_.size());
  }

  Spread spread_;
  InferenceShape shape_;
  std::atomic<std::size_t> current_ = 0;
  std::vector<std::unique_ptr<inference::GRPCInferenceService::Stub>> stubs_{};
  Calls calls_{};  // last: its end waits for the calls, which use the rest
};

}  // namespace

Result<InferenceSend> inference_over_grpc(const InferenceServers& servers,
                                          const InferenceShape& shape) {
  const auto connected = std::make_shared<GrpcServers>(servers, shape);
  return InferenceSend([connected](const InferenceQuery& query, MonoTime deadline, Done done) {
    connected->send(query, deadline, std::move(done));
  });
}

}  // namespace squall
