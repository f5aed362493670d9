// `squall clients`: which workload clients there are, from their table.
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/print.h"
#include "workload/client.h"

namespace squall {
namespace {

constexpr std::size_t kTextWidth = 92;

int list_clients() {
  for (const ClientRow& row : clients()) {
    print_text(std::string(row.kind) + "\n" + wrap(std::string(row.help), kTextWidth, "  ") +
               wrap(std::string(row.explain), kTextWidth, "  ") + params_text(row.params, "    ") +
               "\n");
  }
  return 0;
}

}  // namespace

void add_clients(CLI::App& program, Chosen& chosen) {
  CLI::App* command =
      program.add_subcommand("clients", "List the workload clients and their parameters");
  command->footer("Example:\n  squall clients");
  command->callback([&chosen] { chosen.run = list_clients; });
}

}  // namespace squall
