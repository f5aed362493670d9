// `squall schema`: JSON Schemas for editors, made from the tables that the readers go by.
#include "scenarios/schema.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/print.h"
#include "workload/client.h"

namespace squall {
namespace {

int print_schema(const std::string& kind) {
  print_text(kind == "topology" ? topology_schema() : scenario_schema({.clients = clients()}));
  return 0;
}

}  // namespace

void add_schema(CLI::App& program, Chosen& chosen) {
  auto kind = std::make_shared<std::string>();
  CLI::App* command =
      program.add_subcommand("schema", "Print the JSON Schema of scenarios or topologies");
  command->add_option("KIND", *kind, "scenario or topology")
      ->required()
      ->check(CLI::IsMember({"scenario", "topology"}));
  command->footer("Example:\n  squall schema scenario >schemas/scenario.schema.json");
  command->callback([kind, &chosen] { chosen.run = [kind] { return print_schema(*kind); }; });
}

}  // namespace squall
