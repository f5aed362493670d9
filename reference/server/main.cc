// model-server: serves the models of a repository over the Open Inference Protocol.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <string>

#include "reference/base/signals.h"
#include "reference/server/model_server.h"

namespace {

namespace reference = squall::reference;
namespace server = squall::reference::server;
using squall::Result;

// The command line as it was written.
struct Words {
  std::string registry;
  std::string batch_delay = "100us";
  std::string drain = "200ms";
  std::string drain_limit = "5s";
};

void add_options(CLI::App& program, server::ModelServerPlan& plan, Words& words) {
  const std::map<std::string, server::HealthMode> modes = {
      {"progress", server::HealthMode::kProgress}, {"process", server::HealthMode::kProcess}};
  const std::map<std::string, server::RequestLog> logs = {
      {"none", server::RequestLog::kNone},
      {"failures", server::RequestLog::kFailures},
      {"all", server::RequestLog::kAll}};
  program.add_option("--name", plan.service.name, "this replica, as the registry knows it")
      ->required();
  program.add_option("--engine", plan.engine, "the Unix socket of its model-engine")->required();
  program.add_option("--listen", plan.ip, "an IP address")->capture_default_str();
  program.add_option("--http-port", plan.http_port)->capture_default_str();
  program.add_option("--grpc-port", plan.grpc_port)->capture_default_str();
  program.add_option("--metrics-port", plan.metrics_port)->capture_default_str();
  program.add_option("--repository", plan.repository,
                     "MODEL/VERSION/model.onnx with model.sha256; default: beside this program");
  program.add_option("--region", plan.region, "told to the registry");
  program.add_option("--registry", words.registry, "etcd: http://ip:2379,… ; default: none");
  program
      .add_option("--health", plan.service.health,
                  "progress: ready while the engine answers; "
                  "process: while this process lives")
      ->transform(CLI::CheckedTransformer(modes))
      ->default_str("progress");
  program.add_option("--max-batch", plan.limits.max_batch, "rows of one batch")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  program.add_option("--batch-delay", words.batch_delay, "that a request may wait for others")
      ->capture_default_str();
  program.add_option("--queue", plan.limits.queue, "requests that wait; more are refused")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  program
      .add_option("--idempotency", plan.remembers_keys,
                  "on: a repeated idempotency key gets its answer again; off: it is executed again")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, bool>{{"on", true}, {"off", false}}))
      ->default_str("on");
  program.add_option("--drain", words.drain, "after SIGTERM: not ready, but still serving")
      ->capture_default_str();
  program.add_option("--drain-limit", words.drain_limit, "then: for what was admitted")
      ->capture_default_str();
  program.add_option("--log-requests", plan.service.log, "none; failures and slow ones; all")
      ->transform(CLI::CheckedTransformer(logs))
      ->default_str("failures");
}

Result<> complete(server::ModelServerPlan& plan, const Words& words) {
  plan.limits.delay = TRY(squall::parse_duration(words.batch_delay).in("--batch-delay"));
  plan.drain_wait = TRY(squall::parse_duration(words.drain).in("--drain"));
  plan.drain_limit = TRY(squall::parse_duration(words.drain_limit).in("--drain-limit"));
  plan.service.max_batch = plan.limits.max_batch;
  if (!words.registry.empty()) {
    plan.registry = TRY(reference::parse_endpoints(words.registry).in("--registry"));
  }
  if (plan.repository.empty()) plan.repository = TRY(server::default_repository());
  return {};
}

int serve(const server::ModelServerPlan& plan) {
  reference::Loop loop;
  reference::Log log(squall::system_clock(), plan.service.name, "model-server");
  const auto started = server::ModelServer::start(loop, squall::system_clock(), log, plan);
  if (!started.ok()) {
    log.error("cannot serve", {{"cause", started.error().what}});
    return 1;
  }
  const reference::Signals signals(loop, {SIGTERM, SIGINT},
                                   [&](int) { (*started)->begin_drain([&] { loop.stop(); }); });
  log.info("started", {{"http", std::int64_t{(*started)->http_port()}},
                       {"grpc", std::int64_t{(*started)->grpc_port()}},
                       {"metrics", std::int64_t{(*started)->metrics_port()}},
                       {"repository", plan.repository}});
  loop.run();
  log.info("stopped");
  return 0;
}

int run(int argc, char** argv) {
  server::ModelServerPlan plan;
  Words words;
  CLI::App program("Serves ONNX models over the Open Inference Protocol.", "model-server");
  add_options(program, plan, words);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : 2;
  }
  const Result<> completed = complete(plan, words);
  if (!completed.ok()) {
    (void)std::fprintf(stderr, "model-server: %s\n", completed.error().what.c_str());
    return 2;
  }
  return serve(plan);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "model-server: %s\n", error.what());
    return 1;
  }
}
