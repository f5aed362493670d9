// Paths to operations, outcomes to answers.
#include "reference/server/rest_routes.h"

#include <charconv>
#include <utility>

#include "reference/base/json_text.h"

namespace squall::reference::server {
namespace {

constexpr std::int64_t kMaxDeadlineMs = std::int64_t{24} * 3600 * 1000;

HttpResponse json(int status, std::string body) {
  HttpResponse response{.status = status};
  response.headers.add("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

HttpResponse failed(const Failure& failure) {
  return json(http_status(failure.kind), error_body(failure.what));
}

HttpResponse no_such_path(std::string_view target) {
  return failed({FailureKind::kNotFound, "no such path: '" + std::string(target) + "'"});
}

HttpResponse wrong_method(const std::string& method, const std::string& allowed) {
  HttpResponse response =
      json(405, error_body("'" + method + "' is not allowed here; use " + allowed));
  response.headers.add("Allow", allowed);
  return response;
}

HttpResponse health(bool is_good) {
  return HttpResponse{.status = is_good ? 200 : 503};
}

// Milliseconds that are left; nothing without the header.
Result<std::optional<Duration>> read_time_left(const Headers& headers) {
  const std::string_view text = headers.get("x-request-deadline-ms");
  if (text.empty()) return std::optional<Duration>();
  std::int64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || end != last || number > kMaxDeadlineMs) {
    return Error{Errc::kInvalid, "x-request-deadline-ms: '" + std::string(text) +
                                     "' is not a number of milliseconds up to a day"};
  }
  return std::optional<Duration>(std::chrono::milliseconds(number));
}

void echo(const HttpRequest& request, const std::string& replica, HttpResponse& response) {
  response.headers.add("x-served-by", replica);
  const std::string_view id = request.headers.get("x-request-id");
  if (!id.empty()) response.headers.add("x-request-id", std::string(id));
}

}  // namespace

int http_status(FailureKind kind) {
  switch (kind) {
    case FailureKind::kInvalid:
      return 400;
    case FailureKind::kNotFound:
      return 404;
    case FailureKind::kUnsupported:
      return 501;
    case FailureKind::kUnavailable:
      return 503;
    case FailureKind::kDeadline:
      return 504;
    case FailureKind::kInternal:
      return 500;
  }
  return 500;
}

struct RestRoutes::Target {
  std::string model{};
  std::string version{};
  std::string action{};  // "", "ready" or "infer"
};

void RestRoutes::handle(const HttpRequest& request, const HttpReply& reply) {
  const auto segments = segments_of(path_of(request.target));
  if (!segments || segments->empty() || segments->front() != "v2") {
    return reply(no_such_path(request.target));
  }
  const std::vector<std::string> path(segments->begin() + 1, segments->end());
  if (path.size() >= 2 && path[0] == "models") {
    const bool has_version = path.size() >= 4 && path[2] == "versions";
    const std::size_t used = has_version ? 4 : 2;
    const Target target{.model = path[1],
                        .version = has_version ? path[3] : "",
                        .action = path.size() > used ? path[used] : ""};
    const bool is_known =
        target.action.empty() || target.action == "ready" || target.action == "infer";
    if (path.size() > used + 1 || !is_known) return reply(no_such_path(request.target));
    return handle_model(request, target, reply);
  }
  const bool is_health = path.size() == 2 && path[0] == "health";
  const bool is_live = is_health && path[1] == "live";
  const bool is_ready = is_health && path[1] == "ready";
  if (!path.empty() && !is_live && !is_ready) return reply(no_such_path(request.target));
  if (request.method != "GET") return reply(wrong_method(request.method, "GET"));
  if (is_live) return reply(health(true));
  if (is_ready) return reply(health(service_.is_ready()));
  reply(json(200, write_server_metadata()));
}

void RestRoutes::handle_model(const HttpRequest& request, const Target& target,
                              const HttpReply& reply) {
  const std::string method = target.action == "infer" ? "POST" : "GET";
  if (request.method != method) return reply(wrong_method(request.method, method));
  if (target.action == "infer") return infer(request, target, reply);
  if (target.action == "ready") {
    const Outcome<bool> ready = service_.is_model_ready(target.model, target.version);
    const auto* const failure = std::get_if<Failure>(&ready);
    return reply(failure != nullptr ? failed(*failure) : health(*std::get_if<bool>(&ready)));
  }
  const Outcome<ModelMetadata> metadata = service_.metadata(target.model, target.version);
  const auto* const failure = std::get_if<Failure>(&metadata);
  reply(failure != nullptr ? failed(*failure)
                           : json(200, write_metadata(*std::get_if<ModelMetadata>(&metadata))));
}

void RestRoutes::infer(const HttpRequest& request, const Target& target, const HttpReply& reply) {
  InferCall call{.model = target.model, .version = target.version};
  call.trace = continue_trace(request.headers.get("traceparent"), rng_);
  call.request_id = request.headers.get("x-request-id");
  const Result<std::optional<Duration>> time_left = read_time_left(request.headers);
  const Result<> read = time_left.ok() ? reader_.read(request.body, call) : time_left.error();
  if (!read.ok()) {
    HttpResponse response = failed({FailureKind::kInvalid, read.error().what});
    echo(request, service_.name(), response);
    return reply(std::move(response));
  }
  call.time_left = *time_left;
  // The answer needs the names only, and the inputs are moved away.
  const InferCall names{.model = call.model, .id = call.id};
  service_.infer(std::move(call), [this, request, names, reply](Outcome<InferAnswer> outcome) {
    HttpResponse response;
    if (const auto* const failure = std::get_if<Failure>(&outcome)) {
      response = failed(*failure);
    } else {
      const InferAnswer& answer = *std::get_if<InferAnswer>(&outcome);
      response = json(200, write_answer(names, answer));
      response.headers.add("x-model-version", answer.version);
    }
    echo(request, service_.name(), response);
    reply(std::move(response));
  });
}

}  // namespace squall::reference::server
