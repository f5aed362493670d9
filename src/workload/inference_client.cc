// The client `inference`: requests to a model by the Open Inference Protocol, open loop.
#include <sys/resource.h>

#include "history/utf8.h"
#include "workload/distribution.h"
#include "workload/inference_transport.h"
#include "workload/open_loop.h"

namespace squall {
namespace {

constexpr std::int64_t kNonces = (1 << 24) - 1;  // integers from 1 that FP32 holds exactly
constexpr std::int64_t kNoncesPerGeneration = 1 << 20;
constexpr double kMinRate = 0.001;
constexpr double kMaxRate = 100'000;
constexpr std::int64_t kMaxThings = 100'000'000;  // users, inputs
constexpr Duration kMaxTimeout = std::chrono::minutes(2);

constexpr ParamSpec kParams[] = {
    {"rate", ParamType::kNumber, "100",
     "requests per second of the whole entry, 0.001 to 100000, whatever the answers do", ""},
    {"arrival", ParamType::kChoice, "poisson",
     "when requests are due: independently of each other, equally spaced, or several at once",
     kArrivalChoices},
    {"burst-size", ParamType::kInteger, "10",
     "burst: requests that are due together, 1 to 10000; `rate` stays", ""},
    {"timeout", ParamType::kDuration, "1s",
     "how long a request may take from when it is sent, 1ms to 2m; sent along as its deadline", ""},
    {"protocol", ParamType::kChoice, "http", "Open Inference Protocol over HTTP or gRPC",
     "http|grpc"},
    {"port", ParamType::kInteger, "8080", "of the servers, 1 to 65535", ""},
    {"model", ParamType::kText, "ranker", "the model's name", ""},
    {"version", ParamType::kText, "", "the model's version; empty: the server chooses", ""},
    {"spread", ParamType::kChoice, "first",
     "all to the first endpoint that can be reached, or to each in turn", "first|round-robin"},
    {"users", ParamType::kInteger, "1000", "users that requests come from, 1 to 100000000", ""},
    {"user-distribution", ParamType::kChoice, "uniform", "how often each user asks",
     kDistributionChoices},
    {"inputs", ParamType::kInteger, "1000", "different input vectors, 1 to 100000000", ""},
    {"input-distribution", ParamType::kChoice, "uniform", "how often each input is sent",
     kDistributionChoices},
    {"zipf-exponent", ParamType::kNumber, "1.1", "of the zipf distributions, 0.1 to 10", ""},
    {"idempotency-key", ParamType::kBoolean, "false", "sends the request's id as that header too",
     ""},
    {"input-tensor", ParamType::kText, "features", "FP32 [1, `columns`], the first the nonce", ""},
    {"columns", ParamType::kInteger, "17", "of the input tensor, 1 to 65536", ""},
    {"output-tensor", ParamType::kText, "scores", "FP32 [1, any], the first the nonce again", ""},
};

Result<double> number_in(const Params& params, std::string_view name, double least, double most,
                         std::string_view range) {
  const double value = params.number(name);
  if (value >= least && value <= most) return value;
  return Error{Errc::kInvalid, "'" + std::string(name) + "' is " + params.text(name) +
                                   ", not from " + std::string(range)};
}

// Part of a URL's path.
Result<std::string> name_in(const Params& params, std::string_view name) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  const std::string& text = params.text(name);
  if (text.find_first_not_of(kLetters) == std::string::npos) return text;
  return Error{Errc::kInvalid, "'" + std::string(name) + "' is '" + text +
                                   "'; it may have letters, digits, '.', '_' and '-'"};
}

// Every request in flight has a socket of its own.
Result<> allow_files(std::size_t in_flight) {
  constexpr std::size_t kOthers = 64;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return errno_error("read the limit of open files");
  if (limit.rlim_max < in_flight + kOthers) {
    return Error{Errc::kUnsupported, std::to_string(in_flight) +
                                         " requests in flight need as many "
                                         "open files, and the limit here is " +
                                         std::to_string(limit.rlim_max)};
  }
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return errno_error("raise the limit of open files");
  return {};
}

Result<Distribution> distribution_of(const Params& params, std::string_view size,
                                     std::string_view kind) {
  const std::int64_t things = TRY(integer_in(params, size, 1, kMaxThings));
  const double exponent =
      TRY(number_in(params, "zipf-exponent", kMinZipfExponent, kMaxZipfExponent, "0.1 to 10"));
  if (params.text(kind) == "zipf") return Distribution::zipf(things, exponent);
  return Distribution::uniform(things);
}

Result<ArrivalPlan> arrivals_of(const Params& params) {
  return ArrivalPlan{.kind = arrival_kind(params.text("arrival")),
                     .rate = TRY(number_in(params, "rate", kMinRate, kMaxRate, "0.001 to 100000")),
                     .burst_size = TRY(integer_in(params, "burst-size", 1, 10'000))};
}

Result<InferenceShape> shape_of(const Params& params) {
  InferenceShape shape;
  shape.model = TRY(name_in(params, "model"));
  if (shape.model.empty()) return Error{Errc::kInvalid, "'model' is empty"};
  shape.version = TRY(name_in(params, "version"));
  shape.input_tensor = params.text("input-tensor");
  shape.output_tensor = params.text("output-tensor");
  shape.columns = TRY(integer_in(params, "columns", 1, 65'536));
  return shape;
}

// Deals out what requests ask.  Every random choice has a stream of its own.
class Questions {
 public:
  Questions(const ClientConfig& config, std::uint32_t generation, const Distribution& users,
            const Distribution& inputs)
      : seed_(config.seed),
        name_(config.name),
        generation_(generation),
        users_(users),
        inputs_(inputs),
        user_rng_(stream(config, "users")),
        input_rng_(stream(config, "inputs")),
        first_nonce_(static_cast<std::int64_t>(stream(config, "nonces").below(kNonces))) {}

  InferenceQuery next(std::int64_t number) {
    InferenceQuery query;
    // Unique in the run: entries have names of their own, and a client that was killed and started
    // again is of the next generation.
    query.request.id = name_ + "-" + std::to_string(generation_) + "-" + std::to_string(number);
    const std::int64_t past = (generation_ - 1) * kNoncesPerGeneration;
    query.request.nonce = 1 + (first_nonce_ + past + number) % kNonces;
    query.request.user = "user-" + std::to_string(users_.draw(user_rng_));
    query.request.input = inputs_.draw(input_rng_);
    query.traceparent = traceparent(seed_, query.request.id);
    return query;
  }

 private:
  [[nodiscard]] Rng stream(const ClientConfig& config, const std::string& what) const {
    return Rng(config.seed)
        .split(config.name + "/" + what + "/" + config.node + "/" + std::to_string(generation_));
  }

  std::uint64_t seed_;
  std::string name_;
  std::int64_t generation_;
  Distribution users_;
  Distribution inputs_;
  Rng user_rng_;
  Rng input_rng_;
  std::int64_t first_nonce_;
};

Result<InferenceSend> connect(const ClientConfig& config, const Params& params,
                              const InferenceShape& shape) {
  const std::uint16_t port = TRY(port_of(params, "port"));
  InferenceServers servers;
  if (params.text("spread") == "round-robin") servers.spread = Spread::kRoundRobin;
  for (const EndpointAddress& endpoint : config.endpoints) {
    servers.addresses.push_back(SocketAddress{endpoint.ipv4, port});
  }
  if (params.text("protocol") == "grpc") return inference_over_grpc(servers, shape);
  TRY(allow_files(config.processes.size()));
  return inference_over_http(servers, shape);
}

Result<std::unique_ptr<OpenLoop>> make(const ClientConfig& config, const Params& params,
                                       RecorderWriter& recorder) {
  OpenLoopSetup setup;
  setup.arrivals = TRY(arrivals_of(params));
  setup.timeout = params.duration("timeout");
  if (setup.timeout < std::chrono::milliseconds(1) || setup.timeout > kMaxTimeout) {
    return Error{Errc::kInvalid, "'timeout' is " + params.text("timeout") + ", not from 1ms to 2m"};
  }
  setup.function = kInferFunction;
  const InferenceShape shape = TRY(shape_of(params));
  append_json_string(shape.model, setup.key);
  const auto questions = std::make_shared<Questions>(
      config, recorder.generation(), TRY(distribution_of(params, "users", "user-distribution")),
      TRY(distribution_of(params, "inputs", "input-distribution")));
  const InferenceSend send = TRY(connect(config, params, shape));
  const bool is_idempotent = params.boolean("idempotency-key");
  setup.compose = [=, timeout = setup.timeout](std::int64_t number) {
    InferenceQuery query = questions->next(number);
    query.timeout = timeout;
    query.is_idempotent = is_idempotent;
    LoadRequest request{.value = to_json(query.request), .send = {}};
    request.send = [send, query = std::move(query)](MonoTime deadline, Done done) {
      send(query, deadline, std::move(done));
    };
    return request;
  };
  return std::make_unique<OpenLoop>(config, recorder, std::move(setup));
}

constexpr std::string_view kExplain =
    "Sends requests when they are due (`rate`, `arrival`), whatever the answers do: latency counts "
    "from when a request was due, so neither a stalled server nor a paused client can hide in a "
    "lower rate. `processes` is how many requests may be in flight, in the whole entry; one that "
    "is "
    "due while all are taken is not sent, and is recorded as fail. Each request carries an id, a "
    "nonce in the tensor's first column, a user, its deadline and a trace. It is ok when the "
    "answer "
    "has the output tensor, fail when nothing was sent or the server answered with an error, and "
    "info when it was sent and no whole answer came.";

}  // namespace

const ClientProgram& inference_program() {
  static const ClientProgram program{
      .row = {.kind = "inference",
              .help = "open-loop requests to a model by the Open Inference Protocol, HTTP or gRPC",
              .explain = kExplain,
              .params = kParams,
              .processes = 256},
      .make_open_loop = make};
  return program;
}

}  // namespace squall
