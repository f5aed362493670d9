// The program `gateway`.
#include <csignal>
#include <cstdio>

#include "reference/base/signals.h"
#include "reference/gateway/gateway.h"
#include "reference/gateway/options.h"
#include "reference/registry/registry_watch.h"

namespace squall::reference {
namespace {

LogLevel log_level(const std::string& name) {
  for (const LogLevel level :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    if (to_text(level) == name) return level;
  }
  return LogLevel::kInfo;
}

// The watch has a thread of its own; its news come to the loop's.
RegistryWatchPlan watch_plan(const GatewayOptions& options, Loop& loop, Gateway& gateway,
                             Log& log) {
  return {.registry = options.registry,
          .prefix = std::string(kRegistryPrefix),
          .mode = options.registry_reads,
          .on_state =
              [&](std::shared_ptr<const RegistryState> state) {
                loop.post([&gateway, state = std::move(state)] { gateway.apply(*state); });
              },
          .on_event =
              [&](WatchEvent event, const std::string& what) {
                log.info("registry-" + std::string(to_text(event)), {{"what", what}});
                const bool is_watching = event == WatchEvent::kWatching;
                loop.post([&gateway, is_watching] { gateway.set_watching(is_watching); });
              }};
}

int run(const GatewayOptions& options) {
  const Clock& clock = system_clock();
  Log log(clock, options.name, "gateway", log_level(options.log_level));
  Loop loop;
  Result<std::unique_ptr<Gateway>> gateway = Gateway::start(loop, clock, log, options);
  if (!gateway.ok()) {
    log.error("cannot-start", {{"why", gateway.error().what}});
    return 1;
  }
  Gateway& serving = **gateway;
  log.info("listening", {{"region", options.region},
                         {"http_port", std::int64_t{serving.http_port()}},
                         {"metrics_port", std::int64_t{serving.metrics_port()}}});
  const Signals signals(loop, {SIGTERM, SIGINT}, [&](int) { serving.drain([&] { loop.stop(); }); });
  const RegistryWatch watch(watch_plan(options, loop, serving, log));
  loop.run();
  return 0;
}

}  // namespace
}  // namespace squall::reference

int main(int count, char** arguments) {
  const squall::reference::ParsedOptions parsed =
      squall::reference::parse_options(count, arguments);
  return parsed.must_exit ? parsed.exit_code : squall::reference::run(parsed.options);
}
