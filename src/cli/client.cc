// `squall client`: a workload client's process, started by a node's agent.  Not for people.
#include "workload/client.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/print.h"

namespace squall {
namespace {

int work(const std::string& path) {
  const Result<ClientConfig> config = read_client_config(path);
  if (!config) return fail(config.error());
  const Result<> done = run_client(*config);
  return done ? 0 : fail(done.error());
}

}  // namespace

void add_client(CLI::App& program, Chosen& chosen) {
  auto path = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("client", "Run a workload client");
  command->group("");  // hidden
  command->add_option("--config", *path, "The client's configuration, a JSON file")->required();
  command->callback([path, &chosen] { chosen.run = [path] { return work(*path); }; });
}

}  // namespace squall
