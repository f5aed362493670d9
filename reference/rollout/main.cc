// The program `rollout`: writes a model's configurations to the registry, one after the other.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "reference/rollout/rollout.h"

namespace squall::reference {
namespace {

constexpr int kUsage = 2;

struct Options {
  std::string name = "rollout";
  std::vector<Endpoint> registry{};
  std::string model = "ranker";
  RolloutStep first{.at{}, .activate_in{}, .config = {.epoch = 1, .stable = "1"}};
  std::vector<std::string> steps{};
};

int run(const Options& options, const std::vector<RolloutStep>& plan) {
  Log log(system_clock(), options.name, "rollout");
  Loop loop;
  EtcdClient registry(options.registry);
  Rollout rollout(loop, system_clock(), log, registry, options.model);
  log.info("started",
           {{"model", options.model}, {"steps", static_cast<std::int64_t>(plan.size())}});
  rollout.start(plan);
  // Stays until a signal ends it, like the controllers that it stands for; it leaves nothing
  // behind.
  loop.run();
  return 0;
}

void add_options(CLI::App& app, Options& options) {
  ModelConfig& config = options.first.config;
  app.add_option("--name", options.name, "in the log")->capture_default_str();
  app.add_option_function<std::string>(
         "--registry",
         [&options](const std::string& text) {
           auto endpoints = parse_endpoints(text);
           if (!endpoints.ok()) throw CLI::ValidationError(endpoints.error().what);
           options.registry = *endpoints;
         },
         "etcd's members: http://IP:PORT,…")
      ->required();
  app.add_option("--model", options.model, "whose configurations")->capture_default_str();
  app.add_option("--stable", config.stable, "version of epoch 1, written at the start")
      ->capture_default_str();
  app.add_option("--canary", config.canary, "canary version of epoch 1");
  app.add_option("--canary-percent", config.canary_percent, "of the users, in epoch 1")
      ->check(CLI::Range(0.0, 100.0));
  app.add_option("--plan", options.steps,
                 "further steps: '8s:stable=2,activate-in=2s'; names: epoch, stable, canary, "
                 "canary-percent, activate-in; what is left out stays as it was")
      ->expected(1, static_cast<int>(kMaxRolloutSteps));
}

int main_with(int count, char** arguments) {
  Options options;
  CLI::App app("Rollout controller of the reference serving stack.", "rollout");
  add_options(app, options);
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  const Result<std::vector<RolloutStep>> plan = parse_rollout(options.first, options.steps);
  if (!plan.ok()) {
    (void)std::fprintf(stderr, "rollout: %s\n", plan.error().what.c_str());
    return kUsage;
  }
  return run(options, *plan);
}

}  // namespace
}  // namespace squall::reference

int main(int count, char** arguments) {
  try {
    return squall::reference::main_with(count, arguments);
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "rollout: %s\n", error.what());
    return 1;
  }
}
