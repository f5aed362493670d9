// `squall recover`: undoes what agents that are gone left behind.
#include <CLI/CLI.hpp>
#include <memory>

#include "agent/agent_config.h"
#include "cli/commands.h"
#include "cli/print.h"

namespace squall {
namespace {

int recover_now(const std::string& state_dir) {
  const Result<std::vector<std::string>> undone = recover(state_dir);
  if (!undone) return fail(undone.error());
  for (const std::string& line : *undone) print_line(line);
  if (undone->empty()) print_line("nothing to undo");
  return 0;
}

}  // namespace

void add_recover(CLI::App& program, Chosen& chosen) {
  auto state_dir = std::make_shared<std::string>();
  CLI::App* command =
      program.add_subcommand("recover", "Undo what agents that are gone left behind");
  command->add_option("--state-dir", *state_dir,
                      "The agents' state folder; without it, everything that carries our name");
  command->footer(
      "Example:\n  squall recover --state-dir /var/lib/squall\n"
      "Idempotent; exits 6 when something could not be undone.");
  command->callback(
      [state_dir, &chosen] { chosen.run = [state_dir] { return recover_now(*state_dir); }; });
}

}  // namespace squall
