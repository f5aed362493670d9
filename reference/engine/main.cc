// model-engine: runs models for a model server, in a process of its own.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "reference/base/log.h"
#include "reference/base/loop.h"
#include "reference/base/signals.h"
#include "reference/engine/engine_server.h"

namespace {

namespace reference = squall::reference;

int serve(const std::string& node, const std::string& socket, squall::Duration service_time) {
  reference::Loop loop;
  reference::Log log(squall::system_clock(), node, "model-engine");
  const auto server =
      reference::EngineServer::listen(loop, squall::system_clock(), socket, log, service_time);
  if (!server.ok()) {
    log.error("cannot serve", {{"cause", server.error().what}});
    return 1;
  }
  const reference::Signals signals(loop, {SIGTERM, SIGINT}, [&](int) { loop.stop(); });
  log.info("ready", {{"socket", socket}});
  loop.run();
  log.info("stopped");
  return 0;
}

int run(int argc, char** argv) {
  std::string node;
  std::string socket;
  std::string service_time = "0ms";
  CLI::App program("Runs ONNX models for a model-server over a Unix socket.", "model-engine");
  program.add_option("--socket", socket, "the Unix socket to serve, at most 107 bytes")->required();
  program.add_option("--name", node, "the node's name in the log");
  program.add_option("--service-time", service_time, "that every batch takes at least")
      ->capture_default_str();
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : 2;
  }
  const squall::Result<squall::Duration> least = squall::parse_duration(service_time);
  if (!least.ok() || *least < squall::Duration{0}) {
    (void)std::fprintf(stderr, "model-engine: --service-time: '%s' is not a duration such as 5ms\n",
                       service_time.c_str());
    return 2;
  }
  return serve(node, socket, *least);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "model-engine: %s\n", error.what());
    return 1;
  }
}
