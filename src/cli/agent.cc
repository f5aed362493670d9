// `squall agent`: the daemon of a node, the only agent program.
#include <CLI/CLI.hpp>
#include <memory>

#include "agent/agent_config.h"
#include "cli/commands.h"
#include "cli/print.h"

namespace squall {
namespace {

int serve(const std::string& path) {
  const Result<AgentConfig> config = read_agent_config(path);
  if (!config) return fail(config.error());
  const Result<> served = run_agent(*config);
  return served ? 0 : fail(served.error());
}

}  // namespace

void add_agent(CLI::App& program, Chosen& chosen) {
  auto path = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("agent", "Run the agent of a node");
  command->add_option("--config", *path, "The agent's configuration, a JSON file")->required();
  command->footer("The arenas start it; by hand:\n  squall agent --config agent.json");
  command->callback([path, &chosen] { chosen.run = [path] { return serve(*path); }; });
}

}  // namespace squall
