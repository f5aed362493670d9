// The life of a request.
#include "reference/gateway/infer_call.h"

#include <algorithm>
#include <utility>

#include "reference/base/json_text.h"
#include "reference/gateway/forwarding.h"

namespace squall::reference {
namespace {

constexpr int kBadGateway = 502;
constexpr int kUnavailable = 503;
constexpr int kGatewayTimeout = 504;
constexpr int kTooMany = 429;
constexpr int kServerError = 500;

HttpResponse failure(int status, std::string_view what) {
  HttpResponse response{.status = status, .body = error_body(what)};
  response.headers.add("content-type", "application/json");
  if (status == kUnavailable) response.headers.add("retry-after", "1");
  return response;
}

HttpRequest forwarded(const InferPlan& plan) {
  HttpRequest request{.method = "POST",
                      .target = infer_target(plan.model, plan.version),
                      .headers = passed_on(plan.request.headers),
                      .body = plan.request.body};
  request.headers.add("x-request-id", plan.request_id);
  request.headers.add("x-cohort", plan.cohort);
  if (!plan.key.empty()) request.headers.add("idempotency-key", plan.key);
  return request;
}

AttemptEnd classify(const HttpOutcome& outcome) {
  if (outcome.answer.ok()) {
    const int status = outcome.answer->status;
    const bool is_refusal = status == kUnavailable || status == kTooMany;
    return is_refusal ? AttemptEnd::kUnavailable : AttemptEnd::kAnswered;
  }
  if (!outcome.was_sent) return AttemptEnd::kNotSent;
  const bool is_late = outcome.answer.error().code == Errc::kTimeout;
  return is_late ? AttemptEnd::kTimedOut : AttemptEnd::kBroken;
}

RequestEnd judged(AttemptEnd end, const HttpOutcome& outcome) {
  if (end == AttemptEnd::kUnavailable) return RequestEnd::kRefusal;
  if (end != AttemptEnd::kAnswered) return RequestEnd::kFailure;
  return outcome.answer->status >= kServerError ? RequestEnd::kFailure : RequestEnd::kGood;
}

// What the caller gets when this was the last attempt.
HttpResponse failed_response(AttemptEnd end, const HttpOutcome& outcome) {
  if (outcome.answer.ok()) return passed_back(outcome.answer.value());
  const std::string& what = outcome.answer.error().what;
  if (end == AttemptEnd::kNotSent) return failure(kUnavailable, what);
  return failure(end == AttemptEnd::kTimedOut ? kGatewayTimeout : kBadGateway, what);
}

}  // namespace

void InferCall::start(const InferContext& context, InferPlan plan,
                      std::function<void(InferEnd)> done) {
  const auto call = std::make_shared<InferCall>(context, std::move(plan), std::move(done));
  context.budget.on_request(context.clock.mono());
  context.loop.post([call] { call->attempt(); });
}

InferCall::InferCall(const InferContext& context, InferPlan plan,
                     std::function<void(InferEnd)> done)
    : context_(context),
      plan_(std::move(plan)),
      done_(std::move(done)),
      forward_(forwarded(plan_)),
      pause_(context.loop) {}

Duration InferCall::time_left(MonoTime now) const {
  if (!plan_.deadline) return context_.options.timeout;
  return std::min(context_.options.timeout, *plan_.deadline - now);
}

std::optional<ReplicaSet::Pick> InferCall::next_replica() {
  const ReplicaRecord* wanted = context_.replicas.find(plan_.replica);
  if (wanted != nullptr) return ReplicaSet::Pick{*wanted, false};
  return context_.replicas.pick({.model = plan_.model, .version = plan_.version, .tried = &tried_},
                                context_.rng);
}

void InferCall::attempt() {
  const MonoTime now = context_.clock.mono();
  if (time_left(now) < std::chrono::milliseconds(1)) {
    const std::string_view what = "the request's deadline has passed";
    return end({.response = failure(kGatewayTimeout, what), .why = std::string(what)});
  }
  const std::optional<ReplicaSet::Pick> pick = next_replica();
  if (!pick) {
    const std::string what =
        "no replica has version " + plan_.version + " of model '" + plan_.model + "'";
    return end({.response = failure(kUnavailable, what), .why = what});
  }
  if (pick->is_panic) context_.metrics.on_panic();
  send(*pick);
}

void InferCall::send(const ReplicaSet::Pick& pick) {
  ++attempts_;
  const MonoTime now = context_.clock.mono();
  const std::string name = pick.replica.name;
  tried_.insert(name);
  forward_.headers.set("traceparent", to_header(child_of(plan_.trace, context_.rng)));
  if (plan_.deadline && context_.options.passes_deadline) {
    const auto left = duration_cast<std::chrono::milliseconds>(*plan_.deadline - now);
    forward_.headers.set("x-request-deadline-ms", std::to_string(left.count()));
  }
  context_.replicas.on_sent(name);
  context_.client.call(pick.replica.http, forward_, time_left(now),
                       [self = shared_from_this(), name, now](HttpOutcome outcome) {
                         self->on_outcome(name, now, std::move(outcome));
                       });
}

void InferCall::on_outcome(const std::string& replica, MonoTime sent, HttpOutcome outcome) {
  const AttemptEnd how = classify(outcome);
  context_.replicas.on_end(replica, judged(how, outcome), sent);
  if (how == AttemptEnd::kAnswered) {
    return end({.response = passed_back(std::move(outcome.answer).value()), .served_by = replica});
  }
  const bool may_have_run = how == AttemptEnd::kTimedOut || how == AttemptEnd::kBroken;
  if (may_have_run) uncertain_at_ = replica;
  const std::string what = outcome.answer.ok() ? "HTTP " + std::to_string(outcome.answer->status)
                                               : outcome.answer.error().what;
  retry_or_end(how, replica,
               {.response = failed_response(how, outcome),
                .served_by = outcome.answer.ok() ? replica : std::string(),
                .why = replica + ": " + what});
}

void InferCall::retry_or_end(AttemptEnd how, const std::string& replica, InferEnd failed) {
  const RetryRules& rules = context_.options.retries;
  const RetryWhere where = retry_where(rules, how, attempts_, !plan_.key.empty());
  if (where == RetryWhere::kNowhere) return end(std::move(failed));
  const MonoTime now = context_.clock.mono();
  const Duration pause = backoff(rules, attempts_, context_.rng);
  if (plan_.deadline && now + pause >= *plan_.deadline) return end(std::move(failed));
  if (rules.has_budget && !context_.budget.try_retry(now)) {
    context_.metrics.on_retry_denied();
    return end(std::move(failed));
  }
  context_.metrics.on_retry(to_text(how));
  // Once it may have run somewhere, nobody else may run it.
  const bool must_stay = where == RetryWhere::kSameReplica ||
                         (rules.has_idempotency && !plan_.key.empty() && !uncertain_at_.empty());
  plan_.replica = must_stay ? (uncertain_at_.empty() ? replica : uncertain_at_) : std::string();
  pause_.after(pause, [self = shared_from_this()] { self->attempt(); });
}

void InferCall::end(InferEnd result) {
  result.attempts = attempts_;
  if (!result.why.empty()) result.uncertain_at = uncertain_at_;
  // Suppose that the first attempt was lost and the second one refused: the refusal alone would
  // tell the caller that nothing has happened.
  const int status = result.response.status;
  if (!result.uncertain_at.empty() && (status == kUnavailable || status == kTooMany)) {
    result.response =
        failure(kGatewayTimeout, "no answer from " + uncertain_at_ + "; then " + result.why);
  }
  const auto done = std::exchange(done_, nullptr);
  done(std::move(result));
}

}  // namespace squall::reference
