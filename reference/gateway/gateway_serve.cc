// Requests: routes, admission, and what the caller gets back.
#include <algorithm>
#include <charconv>

#include "reference/base/json_text.h"
#include "reference/gateway/forwarding.h"
#include "reference/gateway/gateway.h"
#include "reference/gateway/ledger_query.h"

namespace squall::reference {
namespace {

constexpr int kOk = 200;
constexpr int kNotFound = 404;
constexpr int kWrongMethod = 405;
constexpr int kMisusedKey = 422;
constexpr int kServerError = 500;
constexpr int kBadGateway = 502;
constexpr int kUnavailable = 503;
constexpr int kGatewayTimeout = 504;

HttpResponse json_response(int status, std::string body) {
  HttpResponse response{.status = status, .body = std::move(body)};
  response.headers.add("content-type", "application/json");
  return response;
}

HttpResponse error_response(int status, std::string_view what) {
  HttpResponse response = json_response(status, error_body(what));
  if (status == kUnavailable) response.headers.add("retry-after", "1");
  return response;
}

HttpResponse unknown_model(const std::string& model) {
  return error_response(kNotFound, "unknown model '" + model + "'");
}

HttpResponse wrong_method(const Route& route) {
  HttpResponse response =
      error_response(kWrongMethod, "this path takes " + std::string(route.allow));
  response.headers.add("allow", std::string(route.allow));
  return response;
}

// Milliseconds from 0 on; nothing: absent, or not a number.
std::optional<Duration> deadline_of(const HttpRequest& request) {
  const std::string_view text = request.headers.get("x-request-deadline-ms");
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  constexpr std::int64_t kMaxMillis = 3'600'000;
  if (error != std::errc() || end != text.data() + text.size() || count < 0) return std::nullopt;
  return std::chrono::milliseconds(std::min(count, kMaxMillis));
}

}  // namespace

// An inference request that was let in.
struct Gateway::Arrival {
  InferPlan plan{};
  Cohort cohort{};
  std::int64_t epoch = 0;
  MonoTime since{};
  HttpReply reply{};
};

void Gateway::handle(HttpRequest request, const HttpReply& reply) {
  const Route route = route_of(request.method, request.target);
  switch (route.kind) {
    case RouteKind::kServerMetadata:
      return reply(server_metadata());
    case RouteKind::kServerLive:
      return reply(json_response(kOk, R"({"live":true})"));
    case RouteKind::kServerReady:
      return reply(server_ready());
    case RouteKind::kModelReady:
      return reply(model_ready(route));
    case RouteKind::kModelMetadata:
      return proxy_metadata(request, route, reply);
    case RouteKind::kInfer:
      return infer(std::move(request), route, reply);
    case RouteKind::kLedger:
      return answer_ledger(reply);
    case RouteKind::kWrongMethod:
      return reply(wrong_method(route));
    case RouteKind::kUnknown:
      break;
  }
  reply(error_response(kNotFound, "unknown path '" + std::string(path_of(request.target)) + "'"));
}

HttpResponse Gateway::server_metadata() const {
  std::string body = R"({"name":)";
  append_json(body, options_.name);
  return json_response(kOk, body + R"(,"version":"1","extensions":[]})");
}

HttpResponse Gateway::server_ready() const {
  const bool is_ready =
      !is_draining_ && std::any_of(models_.begin(), models_.end(), [this](const auto& entry) {
        const ModelConfig* config = entry.second.activation.active();
        return config != nullptr && replicas_.has_available(entry.first, config->stable);
      });
  return json_response(is_ready ? kOk : kUnavailable,
                       is_ready ? R"({"ready":true})" : R"({"ready":false})");
}

HttpResponse Gateway::model_ready(const Route& route) {
  const ModelConfig* config = active(route.model);
  if (config == nullptr && !replicas_.has_model(route.model)) return unknown_model(route.model);
  const std::string version =
      route.version.empty() && config != nullptr ? config->stable : route.version;
  const bool is_ready = !is_draining_ && replicas_.has_available(route.model, version);
  std::string body = R"({"name":)";
  append_json(body, route.model);
  body += is_ready ? R"(,"ready":true})" : R"(,"ready":false})";
  return json_response(is_ready ? kOk : kUnavailable, body);
}

void Gateway::proxy_metadata(const HttpRequest& request, const Route& route,
                             const HttpReply& reply) {
  const auto pick =
      replicas_.pick({.model = route.model, .version = route.version, .tried = nullptr}, rng_);
  if (!pick) return reply(unknown_model(route.model));
  const HttpRequest forward{.target = std::string(path_of(request.target))};
  client_.call(pick->replica.http, forward, options_.timeout, [reply](HttpOutcome outcome) {
    if (outcome.answer.ok()) return reply(passed_back(std::move(outcome.answer).value()));
    const Error& error = outcome.answer.error();
    reply(error_response(error.code == Errc::kTimeout ? kGatewayTimeout : kBadGateway, error.what));
  });
}

void Gateway::answer_ledger(const HttpReply& reply) {
  std::vector<ReplicaRecord> replicas;
  for (const auto& [name, record] : records_) replicas.push_back(record);
  query_ledgers(client_, replicas, options_.timeout, reply);
}

// Model → active configuration → cohort → version.  False: it was answered.
bool Gateway::route_infer(const Route& route, Arrival& arrival) {
  const ModelConfig* config = active(route.model);
  if (config == nullptr) {
    const bool is_known = models_.contains(route.model) || replicas_.has_model(route.model);
    arrival.reply(is_known ? error_response(kUnavailable, "model '" + route.model +
                                                              "' has no active configuration")
                           : unknown_model(route.model));
    return false;
  }
  const std::string_view user = arrival.plan.request.headers.get("x-user-id");
  arrival.cohort = route.version.empty() ? cohort_of(route.model, user, config->canary_percent)
                                         : Cohort::kPinned;
  arrival.epoch = config->epoch;
  InferPlan& plan = arrival.plan;
  plan.model = route.model;
  plan.cohort = to_text(arrival.cohort);
  plan.version = arrival.cohort == Cohort::kCanary ? config->canary : config->stable;
  if (!route.version.empty()) plan.version = route.version;
  return true;
}

void Gateway::infer(HttpRequest request, const Route& route, const HttpReply& reply) {
  if (options_.in_flight_max > 0 && in_flight_ >= options_.in_flight_max) {
    metrics_.on_overload();
    return reply(error_response(kUnavailable, "too many requests under way"));
  }
  const auto arrival = std::make_shared<Arrival>();
  arrival->since = clock_.mono();
  arrival->reply = reply;
  InferPlan& plan = arrival->plan;
  plan.request = std::move(request);
  const Headers& headers = plan.request.headers;
  plan.request_id = headers.get("x-request-id");
  plan.key = headers.get("idempotency-key");
  plan.trace = continue_trace(headers.get("traceparent"), rng_);
  if (plan.request_id.empty()) {
    plan.request_id = options_.name + "-" + new_trace(rng_).span_id;
  }
  std::optional<Duration> left = deadline_of(plan.request);
  if (!left && options_.deadline > Duration(0)) left = options_.deadline;
  if (left) plan.deadline = arrival->since + *left;
  if (!route_infer(route, *arrival)) return;
  metrics_.set_in_flight(++in_flight_);
  remember_or_run(arrival);
}

void Gateway::remember_or_run(const std::shared_ptr<Arrival>& arrival) {
  InferPlan& plan = arrival->plan;
  if (plan.key.empty() || !options_.retries.has_idempotency) return run(arrival);
  const std::size_t fingerprint =
      std::hash<std::string>{}(plan.request.target + '\n' + plan.request.body);
  const auto repeat = [this, arrival](const HttpResponse& known) {
    metrics_.on_repeated();
    HttpResponse again = known;
    again.headers.set("x-idempotent-replay", "true");
    answer(*arrival, std::move(again));
  };
  switch (memory_.claim(plan.key, fingerprint, arrival->since, repeat)) {
    case AnswerMemory::Claim::kFirst:
      plan.replica = memory_.replica_of(plan.key);
      return run(arrival);
    case AnswerMemory::Claim::kMisused:
      return answer(*arrival, error_response(kMisusedKey, "idempotency key '" + plan.key +
                                                              "' was used for another request"));
    case AnswerMemory::Claim::kJoined:
    case AnswerMemory::Claim::kAnswered:
      return;
  }
}

void Gateway::run(const std::shared_ptr<Arrival>& arrival) {
  const InferContext context{.loop = loop_,
                             .clock = clock_,
                             .options = options_,
                             .client = client_,
                             .replicas = replicas_,
                             .metrics = metrics_,
                             .budget = budget_,
                             .rng = rng_};
  InferCall::start(context, arrival->plan,
                   [this, arrival](InferEnd end) { on_end(arrival, std::move(end)); });
}

void Gateway::on_end(const std::shared_ptr<Arrival>& arrival, InferEnd end) {
  const InferPlan& plan = arrival->plan;
  Headers& headers = end.response.headers;
  headers.set("x-model-version", plan.version);
  headers.set("x-config-epoch", std::to_string(arrival->epoch));
  headers.set("x-cohort", to_text(arrival->cohort));
  headers.set("x-served-by", end.served_by);
  headers.set("x-gateway", options_.name);
  headers.set("x-attempts", std::to_string(end.attempts));
  if (!end.why.empty() && log_limit_.allows(clock_.mono())) {
    log_.warning("request-failed", {{"trace_id", plan.trace.trace_id},
                                    {"span_id", plan.trace.span_id},
                                    {"request_id", plan.request_id},
                                    {"model", plan.model},
                                    {"model_version", plan.version},
                                    {"cohort", to_text(arrival->cohort)},
                                    {"status", std::int64_t{end.response.status}},
                                    {"attempts", std::int64_t{end.attempts}},
                                    {"why", end.why},
                                    {"suppressed", log_limit_.take_suppressed()}});
  }
  if (!plan.key.empty() && options_.retries.has_idempotency) {
    const MonoTime now = clock_.mono();
    const bool is_final = end.why.empty() && end.response.status < kServerError;
    if (is_final) memory_.settle(plan.key, end.response, now);
    if (!is_final) memory_.release(plan.key, end.response, end.uncertain_at, now);
  }
  answer(*arrival, std::move(end.response));
}

void Gateway::answer(const Arrival& arrival, HttpResponse response) {
  metrics_.set_in_flight(--in_flight_);
  response.headers.set("x-request-id", arrival.plan.request_id);
  metrics_.on_request({.model = arrival.plan.model,
                       .version = arrival.plan.version,
                       .cohort = to_text(arrival.cohort),
                       .region = options_.region,
                       .code = response.status},
                      clock_.mono() - arrival.since);
  arrival.reply(std::move(response));
}

}  // namespace squall::reference
