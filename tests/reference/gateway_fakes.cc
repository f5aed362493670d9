// Fakes that keep state.
#include "tests/reference/gateway_fakes.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace squall::reference {

using std::chrono::milliseconds;
using std::chrono::seconds;

GatewayOptions test_options() {
  GatewayOptions options;
  options.name = "g1";
  options.region = "eu";
  options.http_port = 0;
  options.metrics_port = 0;
  options.timeout = seconds(10);
  options.probe_interval = milliseconds(5);
  options.probe_timeout = seconds(10);
  options.drain_wait = milliseconds(1);
  options.retries_per_second = 100;
  return options;
}

FakeStack::FakeStack(GatewayOptions options) : options_(std::move(options)) {
  auto started = Gateway::start(loop, clock, log_, options_);
  CHECK(started.ok());
  gateway_ = std::move(started).value();
}

FakeStack::~FakeStack() = default;

FakeReplica& FakeStack::add_replica(const std::string& name, const std::string& region) {
  auto& replica = *replicas_.emplace(name, std::make_unique<FakeReplica>()).first->second;
  replica.name = name;
  replica.region = region;
  // It counts executions and remembers nothing, like a replica that knows no keys.
  replica.handler = std::make_unique<IdempotentHandler>(
      clock, false, [this, &replica](const HttpRequest& request, const HttpReply& reply) {
        serve(replica, request, reply);
      });
  auto server = HttpServer::listen(loop, clock, {"127.0.0.1", 0},
                                   [&replica](HttpRequest request, HttpReply reply) {
                                     replica.handler->handle(std::move(request), std::move(reply));
                                   });
  CHECK(server.ok());
  replica.server = std::move(server).value();
  std::string versions;
  for (const std::string& version : replica.versions) {
    versions += (versions.empty() ? "\"" : ",\"") + version + "\"";
  }
  registry_["/squall-ref/replicas/" + name] =
      R"({"http":"127.0.0.1:)" + std::to_string(replica.server->port()) + R"(","region":")" +
      region + R"(","models":{"ranker":[)" + versions + "]}}";
  return replica;
}

void FakeStack::serve(FakeReplica& replica, const HttpRequest& request, const HttpReply& reply) {
  if (request.method == "GET") {
    const bool is_ready_probe = request.target == "/v2/health/ready";
    ++(is_ready_probe ? replica.probes_ready : replica.probes_live);
    if (!replica.answers_probes) return replica.unanswered.push_back(reply);
    return reply({.status = is_ready_probe && !replica.is_ready ? 503 : 200,
                  .body = replica.name + " " + request.target});
  }
  replica.requests.push_back(request);
  if (replica.is_silent) {
    if (replica.then_status != 0) {
      replica.is_silent = false;
      replica.status = replica.then_status;
    }
    return replica.unanswered.push_back(reply);
  }
  HttpResponse response{.status = replica.status, .body = replica.name};
  response.headers.add("content-type", "application/json");
  reply(std::move(response));
}

void FakeStack::publish(const ModelConfig& config) {
  registry_[config_key("ranker")] = to_json(config);
  apply();
}

void FakeStack::remove_replica(const std::string& name) {
  registry_.erase("/squall-ref/replicas/" + name);
  apply();
}

void FakeStack::apply() {
  etcd::RangeReply snapshot{.revision = ++revision_, .items{}};
  for (const auto& [key, value] : registry_) snapshot.items.push_back({key, value, revision_});
  RegistryState state;
  (void)state.apply(snapshot);
  gateway_->apply(state);
}

bool FakeStack::wait_until(const std::function<bool()>& holds) {
  Timer timer(loop);
  bool held = false;
  std::function<void()> look = [&] {
    held = holds();
    if (held) return loop.stop();
    timer.after(milliseconds(1), look);
  };
  look();
  run_until_stopped(loop);
  return held;
}

HttpResponse FakeStack::get(const std::string& path) {
  const HttpOutcome outcome =
      exchange(loop, client, gateway_->http_port(), {.method = "GET", .target = path}, kTestLimit);
  return outcome.answer.ok() ? outcome.answer.value()
                             : HttpResponse{.status = -1, .body = outcome.answer.error().what};
}

HttpResponse FakeStack::infer(const std::vector<std::pair<std::string, std::string>>& headers,
                              const std::string& path) {
  HttpRequest request{.method = "POST", .target = path, .body = R"({"id":"7"})"};
  for (const auto& [name, value] : headers) request.headers.add(name, value);
  const HttpOutcome outcome = exchange(loop, client, gateway_->http_port(), request, kTestLimit);
  return outcome.answer.ok() ? outcome.answer.value()
                             : HttpResponse{.status = -1, .body = outcome.answer.error().what};
}

bool FakeStack::becomes(const std::string& line, double value) {
  const MonoTime limit = clock.mono() + kTestLimit;
  while (clock.mono() < limit) {
    if (metric(line) == value) return true;
  }
  return false;
}

double FakeStack::metric(const std::string& line) {
  const HttpOutcome outcome = exchange(loop, client, gateway_->metrics_port(),
                                       {.method = "GET", .target = "/metrics"}, kTestLimit);
  if (!outcome.answer.ok()) return -1;
  const std::string text = "\n" + outcome.answer->body;
  const std::size_t at = text.find("\n" + line + " ");
  if (at == std::string::npos) return -1;
  return std::strtod(text.c_str() + at + line.size() + 2, nullptr);
}

}  // namespace squall::reference
