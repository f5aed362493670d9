// `squall shell`: runs a command inside a node of a lab that was kept.
#include <CLI/CLI.hpp>
#include <memory>

#include "arena/lab_door.h"
#include "cli/commands.h"
#include "cli/print.h"

namespace squall {
namespace {

struct Options {
  std::string node;
  std::string run;
  std::vector<std::string> command;
};

int enter(const Options& options) {
  const std::vector<std::string> command =
      options.command.empty() ? std::vector<std::string>{"bash"} : options.command;
  const Result<int> status = run_in_node(options.run, NodeName(options.node), command);
  return status ? *status : fail(status.error());
}

}  // namespace

void add_shell(CLI::App& program, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("shell", "Run a command in a node of a lab kept with --keep");
  command->add_option("NODE", options->node, "The node's name")->required();
  command->add_option("CMD", options->command, "The command, after --; without one: bash");
  command->add_option("--run", options->run, "Process id of the `squall run`, if several are kept");
  command->footer("Example:\n  squall shell e1 -- etcdctl --endpoints e1:2379 member list");
  command->callback([options, &chosen] { chosen.run = [options] { return enter(*options); }; });
}

}  // namespace squall
